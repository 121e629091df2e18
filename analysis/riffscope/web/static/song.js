// A song's page: its downloads, its corrections, and what becomes of them.

import {$, Refused, announce, ask, doing, isActive, listen, make, setProgress, write} from './shared.js';
import {corrections} from './corrections.js';
import {dismissRead, onReport, reload, say, stage} from './document.js';
import {sendSong} from './uploads.js';

const {song: sha256, title} = stage.dataset;
const REMEMBERED = `task ${sha256}`;  // so that a page loaded anew still shows what is at work on its song
const SETTLING_MS = 200;
let task = null, fresh = null;

const panel = corrections({sha256, follow, learn, resend, say});

// ------------------------------------------------------------------------------------------------------- what is known
async function learn() {
  try {
    const about = await ask('GET', `/api/songs/${sha256}`);
    showForms(about);
    panel.show(about, {busy: task !== null});
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(error.status === 404 ? 'This song is no longer in the library.' : error.message, {bad: true});
  }
}

function showForms({forms, has_file: hasFile}) {
  $('forms').replaceChildren(...forms.map(({form, label, about, needs_file: needsFile}) => {
    const lacking = needsFile && !hasFile, what = make('b', {text: label});
    const more = make('small', {text: lacking ? 'Needs the song’s file, which was not kept: drop the song again with “Keep the song file”.' : about});
    return make('li', {}, make('a', {href: `/songs/${sha256}/download/${form}`, 'data-download': true, 'aria-disabled': lacking ? 'true' : null}, what, more));
  }));
}

// -------------------------------------------------------------------------------------------------------- what is at work
function follow(given) {
  task = given.id;
  sessionStorage.setItem(REMEMBERED, task);
  announce('Measuring the song anew.');
  showTask(given);
}

// The file of the song, which was gone, comes again; its corrections wait for it.
function resend(file, keep) {
  return sendSong({song: file, keep}, {opened: follow, failed: (line) => panel.problem(line)});
}

const isOurs = (one) => one.id === task || one.id === sessionStorage.getItem(REMEMBERED) || (one.song === sha256 && isActive(one));

function showTask(one) {
  const active = isActive(one);
  $('working').hidden = !active;
  if (active) {
    setProgress($('progress'), one.share, doing(one));
    write($('doing'), doing(one));
    say('');
    return;
  }
  sessionStorage.removeItem(REMEMBERED);
  task = null;
  if (one.state === 'failed') panel.problem(one.reason);
  else if (one.song !== sha256) panel.problem('That file is another song. It is in the library now; the corrections wait for the right file.');
  else {
    panel.done();
    say('Measured anew: the report is up to date.');
    refreshSoon();
    ask('DELETE', `/api/tasks/${one.id}`).catch(() => {});  // another page may have taken it off already
  }
}

function refreshSoon() {
  clearTimeout(fresh);
  fresh = setTimeout(() => {
    learn();
    reload();
  }, SETTLING_MS);
}

listen({
  tasks: ({tasks}) => {
    tasks.filter(isOurs).forEach(showTask);
    dismissRead(tasks, (one) => one.song === sha256 && !one.text);
  },
  task: (one) => { if (isOurs(one)) showTask(one); },
  gone: ({id}) => { if (id === task) { task = null; $('working').hidden = true; } },
  library: ({song}) => { if (song === sha256) refreshSoon(); },
});

onReport((report) => panel.hear(report));

// --------------------------------------------------------------------------------------------------------------- delete
$('delete').addEventListener('click', () => {
  const dialog = $('delete-dialog');
  dialog.returnValue = 'cancel';
  dialog.showModal();
  dialog.querySelector('[value=cancel]').focus();
});
$('delete-dialog').addEventListener('close', async () => {
  if ($('delete-dialog').returnValue !== 'delete') return;
  try {
    await ask('DELETE', `/api/songs/${sha256}`);
    location.assign('/');
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(error.message, {bad: true});
  }
});
$('correct').title = `Correct what was heard in ${title}`;

learn();
