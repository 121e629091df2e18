// A report in its frame, and the bar above it: what it is saved as, printed, and checked against.

import {$, Refused, ask, listen, reached, refusal, write} from './shared.js';
import {checkText} from './texts.js';

export const frame = $('frame'), stage = $('report');
const arrived = [];  // what is done whenever the frame has loaded

// ------------------------------------------------------------------------------------------------------------ the frame
export function onReport(handler) {
  arrived.push(handler);
  if (isThere()) handler(frame.contentDocument);
}

function isThere() {
  const {contentDocument: page} = frame;
  return page && page.readyState === 'complete' && page.location.href !== 'about:blank';
}

function loaded() {
  $('writing').hidden = true;
  for (const handler of arrived) handler(frame.contentDocument);
}

export function reload() {
  $('writing').hidden = false;
  frame.contentWindow.location.reload();
}

frame.addEventListener('load', loaded);
if (isThere()) loaded();

// -------------------------------------------------------------------------------------------------------------- the bar
export function say(text, {bad = false} = {}) {
  write($('word'), text);
  $('word').classList.toggle('bad', bad);
}

const menus = [...document.querySelectorAll('.menu')];

export function closeMenus(except = null) {
  for (const menu of menus) if (menu !== except) menu.open = false;
}

for (const menu of menus) {
  menu.addEventListener('toggle', () => { if (menu.open) closeMenus(menu); });
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector('summary').focus();
  });
  menu.addEventListener('focusout', (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });
}
document.addEventListener('pointerdown', (event) => closeMenus(event.target.closest?.('.menu')));
addEventListener('blur', () => closeMenus());  // a click into the frame

// ---------------------------------------------------------------------------------------------------------- what is dropped
// A file that is let go over a document would take its place: browsers open it.
function guardDrops(page) {
  const isFile = (event) => event.dataTransfer?.types.includes('Files') && !event.target.closest?.('input[type=file]');
  page.addEventListener('dragover', (event) => { if (isFile(event)) event.preventDefault(); });
  page.addEventListener('drop', (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    say('Nothing was taken in: drop songs in the library, and choose a text with “Check a text”.', {bad: true});
  });
}
guardDrops(document);
onReport(guardDrops);

// ------------------------------------------------------------------------------------------------------------ downloads
// A file may take a while to be made, or not be possible: so it is asked for here, where both can be told.
async function download(link) {
  const {href} = link, what = link.querySelector('b')?.textContent ?? link.textContent;
  closeMenus();
  say(`Making the file: ${what}…`);
  try {
    const answer = await reached(href, {headers: {Accept: 'application/json, */*'}});  // why not, as JSON
    if (!answer.ok) throw await refusal(answer);
    const address = URL.createObjectURL(await answer.blob());
    const save = document.createElement('a');
    save.href = address;
    save.download = nameIn(answer.headers.get('Content-Disposition')) || 'riffscope';
    save.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    say(`Saved: ${save.download}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(error.message, {bad: true});
  }
}

function nameIn(disposition) {
  const encoded = disposition?.match(/filename\*=utf-8''([^;]+)/i);
  if (encoded) return decodeURIComponent(encoded[1]);
  return disposition?.match(/filename="([^"]*)"/i)?.[1] ?? '';
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-download]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.getAttribute('aria-disabled') !== 'true') download(link);
});

// ------------------------------------------------------------------------------------------------------ print, and texts
$('print').addEventListener('click', () => {
  closeMenus();
  frame.contentWindow.print();
});
$('check').addEventListener('click', () => {
  const {song, songs, title} = stage.dataset;
  checkText((song ?? songs).split(','), title);
});

// --------------------------------------------------------------------------------------------------------------- events
// A song that is done is off the list of the first page once it is read.
export function dismissRead(tasks, isThis) {
  for (const {id} of tasks.filter((one) => one.state === 'done' && isThis(one))) {
    ask('DELETE', `/api/tasks/${id}`).catch(() => {});  // another page may have taken it off already
  }
}

if (!stage.dataset.song) {
  const {text} = stage.dataset;
  listen({tasks: ({tasks}) => dismissRead(tasks, (one) => text && one.text === text)});
}
