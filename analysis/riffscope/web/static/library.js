// The library: songs found, sorted, chosen and deleted. Which, is the server's to know; chosen ones are this tab's.

import {$, Refused, announce, ask, clock, count, make, number, percent, shortened, titleOf, write} from './shared.js';
import {checkText} from './texts.js';

const PAGE = 50, MOST_CHOSEN = 6, TYPING_MS = 150;
const UPWARD_FIRST = new Set(['title', 'artist', 'key', 'tempo', 'length', 'loudness']);
const ORDERS = {
  added: {up: 'oldest first', down: 'newest first'}, title: {up: 'A to Z', down: 'Z to A'}, artist: {up: 'A to Z', down: 'Z to A'},
  length: {up: 'shortest first', down: 'longest first'}, tempo: {up: 'slowest first', down: 'fastest first'},
  key: {up: 'A to Z', down: 'Z to A'}, loudness: {up: 'quietest first', down: 'loudest first'},
};

const view = {search: '', sort: 'added', order: 'down', ...remembered('view', {})};
const chosen = new Map(remembered('chosen', []));  // hash -> title, in the order chosen
const rows = new Map();                            // hash -> the row's parts
let shown = PAGE, asked = 0, found = 0, total = 0, renewing = false, stale = false, typing = null;

function remembered(name, otherwise) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function remember() {
  sessionStorage.setItem('view', JSON.stringify(view));
  sessionStorage.setItem('chosen', JSON.stringify([...chosen]));
}

// ---------------------------------------------------------------------------------------------------------- what is there
// Ask for what is shown, anew. Of answers that cross, only the latest counts.
export async function load() {
  asked += 1;
  const mine = asked, songs = [];
  try {
    for (;;) {
      const query = new URLSearchParams({...view, from: songs.length, count: Math.min(PAGE, shown - songs.length)});
      const answer = await ask('GET', `/api/songs?${query}`);
      if (mine !== asked) return;
      ({found, total} = answer);
      songs.push(...answer.songs);
      if (!answer.songs.length || songs.length >= Math.min(shown, found)) break;
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    write($('count'), error.message);
    return;
  }
  showSongs(songs);
}

// What changes while the answer is on its way is asked for once more, however much it is.
export function renew() {
  if (renewing) {
    stale = true;
    return;
  }
  renewing = true;
  load().finally(() => {
    renewing = false;
    if (!stale) return;
    stale = false;
    renew();
  });
}

function showSongs(songs) {
  const body = $('rows'), kept = new Set(songs.map(({sha256}) => sha256));
  for (const [sha256, row] of rows) if (!kept.has(sha256)) forget(sha256, row);
  songs.forEach((song, place) => {
    if (!rows.has(song.sha256)) rows.set(song.sha256, newRow(song));
    const row = rows.get(song.sha256);
    row.song = song;
    showSong(row, song);
    if (body.children[place] !== row.line) body.insertBefore(row.line, body.children[place] ?? null);
  });
  if (!view.search && songs.length === total) for (const sha256 of chosen.keys()) if (!kept.has(sha256)) chosen.delete(sha256);
  $('empty').hidden = total > 0;
  $('listing').hidden = total === 0;
  $('songs-table').hidden = songs.length === 0;
  $('none').hidden = songs.length > 0 || total === 0;
  write($('none'), `Nothing in the library matches “${shortened(view.search)}”.`);
  $('show-more').hidden = songs.length >= found;
  write($('count'), total === 0 ? '' : view.search ? `${found.toLocaleString('en')} of ${count(total, 'song')}` : count(total, 'song'));
  showChosen();
}

function forget(sha256, {line}) {
  const focused = line.contains(document.activeElement);
  line.remove();
  rows.delete(sha256);
  if (focused) $('library').focus();
}

function newRow(song) {
  const box = make('input', {type: 'checkbox', on: {change: () => choose(song.sha256, box.checked)}});
  const link = make('a', {href: `/songs/${song.sha256}`, dir: 'auto'}), artist = make('small', {dir: 'auto'});
  const cell = (label, options = {}) => make('td', {'data-label': label, ...options});
  const cells = {
    length: cell('Length', {class: 'right odd'}), tempo: cell('Tempo', {class: 'right even'}), key: cell('Key', {class: 'odd'}),
    range: cell('Range', {class: 'even lesser'}), loudness: cell('Loudness', {class: 'right odd'}), riff: cell('Riff', {class: 'right even lesser'}),
    added: cell('Added', {class: 'odd lesser'}),
  };
  const away = make('button', {type: 'button', class: 'quiet close', on: {click: () => askToDelete(rows.get(song.sha256).song)}}, '×');
  const line = make('tr', {'data-song': song.sha256},
    make('td', {class: 'pick'}, make('label', {}, box)),
    make('th', {scope: 'row', class: 'title'}, link, artist),
    ...Object.values(cells), make('td', {class: 'away'}, away));
  return {line, box, link, artist, cells, away, song};
}

function showSong({link, artist, cells, box, away}, song) {
  const title = titleOf(song), short = shortened(title);
  write(link, title);
  link.title = title;
  write(artist, song.artist ?? '');
  artist.hidden = !song.artist;
  box.setAttribute('aria-label', `Choose ${short}`);
  away.setAttribute('aria-label', `Delete ${short}`);
  away.title = 'Delete';
  const words = {
    length: song.duration_s === null ? null : clock(song.duration_s),
    tempo: song.tempo_bpm === null ? null : `${number(song.tempo_bpm)} BPM`,
    key: song.key, range: song.range,
    loudness: song.loudness_lufs === null ? null : `${number(song.loudness_lufs)} LUFS`,
    riff: song.riff_fraction === null ? null : percent(song.riff_fraction),
    added: day(song.added),
  };
  for (const [name, text] of Object.entries(words)) {
    write(cells[name], text || '–');
    cells[name].classList.toggle('none', !text);
  }
}

// The day, or of today the time.
function day(moment) {
  if (!moment) return null;
  const then = new Date(moment), time = then.toLocaleTimeString('en-GB', {hour: '2-digit', minute: '2-digit'});
  if (then.toDateString() === new Date().toDateString()) return `today ${time}`;
  return then.toLocaleDateString('en-GB', {day: 'numeric', month: 'short', year: 'numeric'});
}

// ------------------------------------------------------------------------------------------------------- finding, sorting
function showSorting() {
  $('sort').value = view.sort;
  write($('order').querySelector('[aria-hidden]'), view.order === 'up' ? '↑' : '↓');
  write($('order').querySelector('.words'), ORDERS[view.sort][view.order]);
  for (const button of document.querySelectorAll('[data-sort]')) {
    const sorted = button.dataset.sort === view.sort;
    button.classList.toggle('sorted', sorted);
    button.classList.toggle('down', sorted && view.order === 'down');
  }
  for (const head of document.querySelectorAll('[data-sorts]')) {
    if (!head.dataset.sorts.split(' ').includes(view.sort)) head.removeAttribute('aria-sort');
    else head.setAttribute('aria-sort', view.order === 'up' ? 'ascending' : 'descending');
  }
}

function sortBy(sort, order) {
  Object.assign(view, {sort, order});
  shown = PAGE;
  remember();
  showSorting();
  announce(`Sorted by ${sort}, ${ORDERS[sort][order]}.`);
  load();
}

const firstOrder = (sort) => (UPWARD_FIRST.has(sort) ? 'up' : 'down');
const turned = () => (view.order === 'up' ? 'down' : 'up');

$('finding').addEventListener('submit', (event) => event.preventDefault());
$('search').addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    view.search = $('search').value.trim();
    shown = PAGE;
    remember();
    load();
  }, TYPING_MS);
});
$('sort').addEventListener('change', () => sortBy($('sort').value, firstOrder($('sort').value)));
$('order').addEventListener('click', () => sortBy(view.sort, turned()));
for (const button of document.querySelectorAll('[data-sort]')) {
  const {sort} = button.dataset;
  button.addEventListener('click', () => sortBy(sort, view.sort === sort ? turned() : firstOrder(sort)));
}
$('show-more').addEventListener('click', async () => {
  const before = rows.size;
  shown += PAGE;
  await load();
  $('rows').children[before]?.querySelector('a').focus();
});

// ------------------------------------------------------------------------------------------------------------- choosing
function choose(sha256, on) {
  if (on) chosen.set(sha256, titleOf(rows.get(sha256).song)); else chosen.delete(sha256);
  remember();
  showChosen();
}

function showChosen() {
  const many = chosen.size, bar = $('chosen');
  for (const [sha256, {line, box}] of rows) {
    box.checked = chosen.has(sha256);
    line.classList.toggle('picked', box.checked);
  }
  const inBar = bar.contains(document.activeElement);
  bar.hidden = many === 0;
  if (inBar && !many) $('library').focus();
  if (!many) return;
  const words = many === 1 ? `${shortened([...chosen.values()][0], 40)}` : `${many} songs chosen`;
  write($('chosen-words'), many > MOST_CHOSEN ? `${words} (at most ${MOST_CHOSEN} can be compared)` : many === 1 ? `${words}: choose another to compare` : words);
  $('compare').disabled = many < 2 || many > MOST_CHOSEN;
  $('check').disabled = many > MOST_CHOSEN;
  write($('compare'), many < 2 ? 'Compare' : `Compare ${many}`);
  write($('check'), many === 1 ? 'Check a text on it' : 'Check a text on them');
}

$('compare').addEventListener('click', () => location.assign(`/compare?songs=${[...chosen.keys()].join(',')}`));
$('check').addEventListener('click', () => checkText([...chosen.keys()], [...chosen.values()].map((title) => shortened(title)).join(', ')));
$('unchoose').addEventListener('click', () => {
  chosen.clear();
  remember();
  showChosen();
});

// ------------------------------------------------------------------------------------------------------------- deleting
function askToDelete(song) {
  const dialog = $('delete-dialog');
  dialog.returnValue = 'cancel';
  $('delete-title').textContent = `Delete “${shortened(titleOf(song), 120)}”?`;
  dialog.onclose = async () => {
    if (dialog.returnValue !== 'delete') return;
    try {
      await ask('DELETE', `/api/songs/${song.sha256}`);
      announce(`${titleOf(song)} is deleted.`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status !== 404) announce(error.message);
    }
    chosen.delete(song.sha256);
    remember();
    load();
  };
  dialog.showModal();
  dialog.querySelector('[value=cancel]').focus();
}

$('search').value = view.search;
showSorting();
load();
