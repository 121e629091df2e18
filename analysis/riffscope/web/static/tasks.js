// The songs at work: a row each, live.

import {$, announce, doing, isActive, make, progressBar, setProgress, write} from './shared.js';
import {cancel} from './uploads.js';

const rows = new Map();   // by id: the row's parts
const tasks = new Map();  // by id, in their order
const halfway = new Set();
let known = false;        // whether the first list has come: what is in it is no news
let locals = 0;

export const all = () => [...tasks.values()];

export function setAll(list) {
  const ids = new Set(list.map(({id}) => id));
  for (const {id, local} of all()) if (!ids.has(id) && !local) remove(id);
  for (const task of list) set(task);
  known = true;
}

export function set(task) {
  const before = tasks.get(task.id);
  tasks.set(task.id, task);
  if (!rows.has(task.id)) add(task);
  show(task);
  if (known) tell(task, before);
}

export function remove(id) {
  const row = rows.get(id);
  if (!row) return;
  const focused = row.item.contains(document.activeElement);
  const next = row.item.nextElementSibling ?? row.item.previousElementSibling;
  row.item.remove();
  rows.delete(id);
  tasks.delete(id);
  if (focused) (next?.querySelector('button, a') ?? $('songs')).focus();
  showWhole();
}

// A line of our own, for what never reached the server.
export function fail(line) {
  locals += 1;
  known ||= true;
  set({id: `local-${locals}`, local: true, name: '', state: 'failed', reason: line, ahead: 0, share: 0, doing: '', numbers: [], warnings: [], song: null, title: null, text: null, kept: false});
}

function add(task) {
  const dismiss = make('button', {type: 'button', class: 'dismiss', on: {click: () => { if (tasks.get(task.id).local) remove(task.id); else cancel(task.id); }}});
  const row = {
    name: make('p', {class: 'name', dir: 'auto'}),
    doing: make('p', {class: 'doing', dir: 'auto'}),
    buttons: make('div', {class: 'buttons'}, dismiss),
    bar: progressBar('Progress'),
    figures: make('dl', {class: 'figures'}),
    warnings: make('p', {class: 'warnings', dir: 'auto'}),
    dismiss,
    read: null,
  };
  row.item = make('li', {class: 'task', 'data-task': task.id}, row.name, row.buttons, row.doing, row.bar, row.figures, row.warnings);
  rows.set(task.id, row);
  $('tasks').append(row.item);
}

function show(task) {
  const row = rows.get(task.id), active = isActive(task), name = task.title || task.name;
  row.item.classList.toggle('live', task.state === 'measuring');
  row.item.dataset.state = task.state;
  write(row.name, name);
  row.name.title = name;
  row.name.hidden = task.state === 'failed' && task.reason.startsWith(task.name);  // it says which
  row.item.classList.toggle('line-only', row.name.hidden);
  write(row.doing, doing(task));
  row.doing.classList.toggle('failed', task.state === 'failed');
  row.bar.hidden = !active || task.state === 'waiting';
  if (active) {
    row.bar.setAttribute('aria-label', name);
    setProgress(row.bar, task.share, doing(task));
  }
  row.figures.hidden = task.state !== 'measuring';
  showFigures(row.figures, task.numbers);
  write(row.warnings, task.warnings.join(' '));
  row.warnings.hidden = !task.warnings.length;
  const word = active ? 'Cancel' : 'Dismiss';
  write(row.dismiss, word);
  row.dismiss.setAttribute('aria-label', `${word} ${name || task.reason}`);
  row.dismiss.classList.toggle('quiet', !active);
  showLink(row, task);
  showWhole();
}

function showFigures(list, numbers) {
  const shown = new Map([...list.children].map((element) => [element.dataset.name, element]));
  for (const {name, label, text} of numbers) {
    let item = shown.get(name);
    if (!item) {
      item = make('div', {'data-name': name}, make('dt'), make('dd', {}, make('b'), make('small')));
      list.append(item);
    }
    const [first, rest] = parted(text), [value, more] = item.lastElementChild.children;
    write(item.firstElementChild, label);
    write(value, first);
    write(more, rest);
  }
}

// The figure itself, which is set large, and what else is said of it.
function parted(text) {
  const [, first, rest = ''] = text.match(/^((?:\([^)]*\)|[^(,;:])*)(?:[,;:] (.*))?$/s) ?? [null, text];
  return [first, rest];
}

// Where a done task is read: its report, or the text that came with it.
export function linkOf(task) {
  if (!task.song) return null;
  if (!task.text) return `/songs/${task.song}`;
  const songs = all().filter(({text, song}) => text === task.text && song).map(({song}) => song);
  return `/texts/${task.text}?songs=${[...new Set(songs)].slice(0, 6).join(',')}`;
}

function showLink(row, task) {
  const link = task.state === 'done' ? linkOf(task) : null;
  if (!link) {
    row.read?.remove();
    row.read = null;
    return;
  }
  if (!row.read) {
    row.read = make('a', {class: 'button main read'});
    row.buttons.prepend(row.read);
  }
  row.read.href = link;
  write(row.read, task.text ? 'Read the checked text' : 'Read the report');
  row.read.setAttribute('aria-label', `${row.read.textContent}: ${task.title || task.name}`);
}

function showWhole() {
  const going = all().filter(isActive).length;
  $('work').hidden = tasks.size === 0;
  write($('work-title'), going ? 'At work' : all().some(({state}) => state === 'done') ? 'Done' : 'Not measured');
  $('clear').hidden = tasks.size - going < 2;
  document.title = going ? `(${going}) riffscope` : 'riffscope';
}

// Not each step is said aloud: that it began, that half is done, and how it ended.
function tell(task, before) {
  const name = task.title || task.name;
  if (task.state === 'measuring' && before?.state !== 'measuring') announce(`Measuring ${name}.`);
  if (task.state === 'measuring' && task.share >= 0.5 && !halfway.has(task.id)) {
    halfway.add(task.id);
    if (before?.state === 'measuring') announce(`${name}: half done.`);
  }
  if (task.state === 'done' && before?.state !== 'done') announce(`${name} is done. Its report can be read.`);
  if (task.state === 'failed' && before?.state !== 'failed') announce(task.reason);
}

$('clear').addEventListener('click', () => {
  for (const task of all()) {
    if (isActive(task)) continue;
    if (task.local) remove(task.id); else cancel(task.id);
  }
});
