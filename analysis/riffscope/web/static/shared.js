// What all pages have in common: asking the server, listening to it, making elements, and a few words.

export const STOPPED = 'riffscope has stopped. Start it again and open the address that it prints.';
const LATE_MS = 1500, AGAIN_MS = 5000, HIDDEN_MS = 20000, GATHER_MS = 400;

export const $ = (id) => document.getElementById(id);

// Text only ever becomes text: nothing here reads markup.
export function make(tag, {text, on = {}, ...attributes} = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

// Nothing is written that stands there already, so that no reader is told twice.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// ---------------------------------------------------------------------------------------------------------- the server
export class Refused extends Error {
  constructor(message, {status = 0, said = {}} = {}) {
    super(message);
    Object.assign(this, {status, said});
  }
}

// Ask the server; a Blob goes as it is, everything else as JSON. An answer that is none becomes its one line.
export async function ask(method, address, body, {signal} = {}) {
  const options = {method, signal, headers: {}};
  if (body instanceof Blob) {
    options.headers['Content-Type'] = 'application/octet-stream';
    options.body = body;
  } else if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  const answer = await reached(address, options);
  if (!answer.ok) throw await refusal(answer);
  return answer.headers.get('Content-Type')?.includes('json') ? answer.json() : null;
}

export async function reached(address, options = {}) {
  try {
    return await fetch(address, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused('The connection to riffscope broke off.');
  }
}

// Addresses that people may open too, such as those of files, answer with a page that says the line.
export async function refusal(answer) {
  const text = await answer.text(), page = answer.headers.get('Content-Type')?.includes('html');
  const said = page ? {error: new DOMParser().parseFromString(text, 'text/html').querySelector('main p[dir]')?.textContent} : parsed(text);
  return new Refused(said.error || `riffscope answers ${answer.status}.`, {status: answer.status, said});
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

// Listen to the server's events. A page in the background gives its connection back after a while, since a browser has
// only six for one server; it learns everything anew when it is looked at.
export function listen(handlers) {
  let source = null, late = null, leaving = null, again = null;

  function open() {
    clearTimeout(again);
    if (source) return;
    source = new EventSource('/api/events');
    source.addEventListener('open', () => { clearTimeout(late); late = null; tellStopped(false); });
    source.addEventListener('error', () => {
      late ??= setTimeout(() => tellStopped(true), LATE_MS);
      if (source.readyState === EventSource.CLOSED) {
        close();
        again = setTimeout(open, AGAIN_MS);
      }
    });
    for (const [name, handler] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => handler(JSON.parse(event.data)));
    }
  }

  function close() {
    source?.close();
    source = null;
  }

  addEventListener('pagehide', () => { clearTimeout(late); clearTimeout(again); close(); });
  addEventListener('pageshow', (event) => { if (event.persisted) open(); });
  document.addEventListener('visibilitychange', () => {
    clearTimeout(leaving);
    if (document.hidden) leaving = setTimeout(close, HIDDEN_MS); else open();
  });
  open();
}

function tellStopped(has) {
  const banner = $('stopped');
  banner.hidden = !has;
  write(banner, has ? STOPPED : '');
}

// ----------------------------------------------------------------------------------------------------------- announced
let toSay = [], saying = null;

// Say something to those who listen to the page; what comes at once is said at once.
export function announce(text) {
  if (!toSay.includes(text)) toSay.push(text);
  saying ??= setTimeout(() => {
    $('announcer').textContent = toSay.join(' ');
    toSay = [];
    saying = null;
  }, GATHER_MS);
}

// --------------------------------------------------------------------------------------------------------------- words
export function clock(seconds, digits = 0) {
  const unit = 10 ** digits, all = Math.round(seconds * unit) / unit;
  const minutes = Math.floor(all / 60), rest = (all - 60 * minutes).toFixed(digits);
  const two = (text) => text.padStart(digits ? digits + 3 : 2, '0');
  const before = minutes < 60 ? minutes : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
  return `${before}:${two(rest)}`;
}

export const number = (value, digits = 1) => value.toFixed(digits).replace('-', '−');
export const percent = (share) => `${Math.round(100 * share)}%`;
export const count = (many, one, several = `${one}s`) => `${many.toLocaleString('en')} ${many === 1 ? one : several}`;
export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const titleOf = (song) => song.title || song.file;

export function shortened(text, most = 80) {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : text;
}

export function bytes(size) {
  const mega = 2 ** 20;
  return size >= 1000 * mega ? `${(size / mega / 1024).toFixed(1)} GB` : `${Math.round(size / mega)} MB`;
}

// ------------------------------------------------------------------------------------------------------------ progress
export function progressBar(label) {
  const bar = make('div', {class: 'progress', role: 'progressbar', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100}, make('i'));
  return bar;
}

export function setProgress(bar, share, words) {
  const now = String(Math.round(100 * share));
  bar.firstElementChild.style.width = `${now}%`;
  bar.setAttribute('aria-valuenow', now);
  bar.setAttribute('aria-valuetext', words);
}

// What is being done, in words.
export function doing(task) {
  const share = percent(task.share);
  if (task.state === 'arriving') return `Arriving · ${share}`;
  // Of a song that is tried once more, it says why.
  if (task.state === 'waiting' && task.doing !== 'waiting') return sentence(task.doing);
  if (task.state === 'waiting') return task.ahead ? `Waiting: ${count(task.ahead, 'song')} before it` : 'Next in line';
  if (task.state === 'measuring') return `${sentence(task.doing || 'measuring')} · ${share}`;
  if (task.state === 'failed') return task.reason;
  return task.kept ? 'Was in the library already' : 'Measured';
}

export const isActive = (task) => ['arriving', 'waiting', 'measuring'].includes(task.state);
