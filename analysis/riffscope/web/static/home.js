// The first page: songs come in, are measured, and stand in the library.

import {$, Refused, announce, ask, isActive, listen, shortened} from './shared.js';
import * as library from './library.js';
import './piano.js';
import * as tasks from './tasks.js';
import {pastedFile} from './texts.js';
import * as uploads from './uploads.js';

const CURTAIN_MS = 150;
let awaited = null;  // the task of a song dropped by itself, whose report is opened if nobody has touched anything since
let leaving = false;

listen({
  tasks: ({tasks: list}) => {
    tasks.setAll(list);
    library.renew();
    openAwaited();
  },
  task: (task) => {
    tasks.set(task);
    openAwaited();
  },
  gone: ({id}) => tasks.remove(id),
  library: () => library.renew(),
});

// -------------------------------------------------------------------------------------------------------- what comes in
const within = {vocals: $('vocals'), text: $('text')};

async function take(files) {
  const texts = files.filter(uploads.isText), songs = files.filter((file) => !uploads.isText(file));
  for (const file of songs) if (uploads.wrong(file)) tasks.fail(uploads.wrong(file));
  if (texts.length) give(within.text, texts.at(-1));
  const good = songs.filter((file) => !uploads.wrong(file));
  if (!good.length) return;
  const vocals = within.vocals.files[0] ?? null;
  if (vocals && good.length > 1) return tasks.fail('A vocal stem goes with one song: drop that song by itself.');
  if (vocals && uploads.wrong(vocals)) return tasks.fail(uploads.wrong(vocals));
  const text = await takeText(), keep = $('keep').checked;
  clearNext();
  awaited = null;
  for (const song of good) {
    uploads.sendSong({song, vocals, keep, text}, {
      opened: (task) => {
        if (good.length === 1) awaited = task.id;
      },
      failed: tasks.fail,
    });
  }
  $('drop').scrollIntoView({block: 'nearest'});
}

// Send the text that goes with the next songs, and return what it is called.
async function takeText() {
  const pasted = $('pasted').value, file = within.text.files[0] ?? (pasted.trim() ? pastedFile(pasted) : null);
  if (!file) return null;
  try {
    return (await uploads.sendText(file)).id;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tasks.fail(`${file.name}: ${error.message}`);
    return null;
  }
}

function give(input, file) {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
  $('with').open = true;
  showNext();
}

function clearNext() {
  for (const input of Object.values(within)) input.value = '';
  $('pasted').value = '';
  showNext();
}

function showNext() {
  for (const [name, input] of Object.entries(within)) document.querySelector(`[data-clear="${name}"]`).hidden = !input.files.length;
  const named = Object.values(within).map((input) => input.files[0]?.name).filter(Boolean).map((name) => shortened(name, 60));
  if ($('pasted').value.trim() && !within.text.files.length) named.push(named.length ? 'the pasted text' : 'The pasted text');
  const text = named.length ? `${named.join(' and ')} ${named.length > 1 ? 'go' : 'goes'} with the next song that you drop.` : '';
  if ($('next').textContent !== text) {
    $('next').textContent = text;
    if (text) announce(text);
  }
  $('next').hidden = !text;
}

for (const input of [...Object.values(within), $('pasted')]) input.addEventListener('input', showNext);
for (const button of document.querySelectorAll('[data-clear]')) {
  button.addEventListener('click', () => {
    within[button.dataset.clear].value = '';
    showNext();
    within[button.dataset.clear].focus();
  });
}
$('songs').addEventListener('change', () => {
  const files = [...$('songs').files];
  $('songs').value = '';
  take(files);
});

// ------------------------------------------------------------------------------------------------------ dropped anywhere
const ofFiles = (event) => event.dataTransfer?.types.includes('Files') && !event.target.closest?.('.parts input[type=file]') && !document.querySelector('dialog[open]');
let lifting = null;

document.addEventListener('dragover', (event) => {
  clearTimeout(lifting);
  lifting = setTimeout(() => { $('curtain').hidden = true; }, CURTAIN_MS);
  if (!ofFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = 'copy';
  $('curtain').hidden = false;
});
document.addEventListener('drop', async (event) => {
  $('curtain').hidden = true;
  if (!ofFiles(event)) return;
  event.preventDefault();
  take(await uploads.filesOf(event.dataTransfer));
});

// ------------------------------------------------------------------------------------------------------------- and then
// Who dropped one song and waits for it wants to read it: who does anything meanwhile is not taken away from that.
for (const touched of ['pointerdown', 'keydown']) addEventListener(touched, () => { awaited = null; });

function openAwaited() {
  const task = tasks.all().find(({id}) => id === awaited);
  if (leaving || task?.state !== 'done' || document.querySelector('dialog[open]')) return;
  if (uploads.busy() || tasks.all().some(isActive)) return;
  const link = tasks.linkOf(task);
  if (!link) return;
  leaving = true;
  location.assign(link);
}
addEventListener('pageshow', () => { leaving = false; awaited = null; });

$('keep').addEventListener('change', async () => {
  try {
    const preferences = await ask('GET', '/api/preferences');
    await ask('PUT', '/api/preferences', {...preferences, keep: $('keep').checked});
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    announce(error.message);
  }
});
showNext();
