// Files on their way to the server: one after the other, so that none waits half sent.

import {Refused, announce, ask, bytes} from './shared.js';

export const MOST_BYTES = 500 * 2 ** 20;
const GRACE_MS = 1500;
const TEXTS = /\.(md|markdown|mdown|txt|html?|xhtml|toml)$/i;
const SOUNDS = /\.(wav|wave|bwf|rf64|w64|aiff?|aifc|caf|au|snd|flac|ogg|oga|opus|mp[23]|aac|m4[ab]|mp4|mov|wma|asf|mk[av]|webm)$/i;

export const isText = (file) => TEXTS.test(file.name);
const running = new Map();  // by task: what stops its sending
let queue = Promise.resolve();
let sending = 0;

addEventListener('beforeunload', (event) => { if (sending) event.preventDefault(); });

export const busy = () => sending > 0;

// What is wrong with a file before it is sent, in one line.
export function wrong(file) {
  if (file.size > MOST_BYTES) return `${file.name}: ${bytes(file.size)} is too large (at most ${bytes(MOST_BYTES)}).`;
  if (file.size === 0) return `${file.name}: the file is empty.`;
  return '';
}

// The files of a drop, with those in folders that are called as songs are.
export async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const found = [];
  const read = async (entry, within) => {
    if (entry.isFile) {
      const file = await new Promise((done, failed) => entry.file(done, failed));
      if (!within || SOUNDS.test(file.name)) found.push(file);
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!some.length) return;
      for (const one of some.sort((a, b) => a.name.localeCompare(b.name))) await read(one, true);
    }
  };
  for (const entry of entries) await read(entry, false);
  return found;
}

export async function sendText(file) {
  return ask('POST', `/api/texts?name=${encodeURIComponent(file.name)}`, file);
}

// Send a song, with its vocals where there are some; `opened` is told its task, `failed` the one line if it comes to that.
export function sendSong({song, vocals = null, keep, text = null}, {opened = () => {}, failed}) {
  sending += 1;
  queue = queue.then(async () => {
    let task = null;
    try {
      const part = (file) => file && {name: file.name, size: file.size};
      task = await ask('POST', '/api/tasks', {song: part(song), vocals: part(vocals), keep, text});
      opened(task);
      const stop = new AbortController();
      running.set(task.id, stop);
      for (const [name, file] of [['vocals', vocals], ['song', song]]) {
        if (file) await ask('PUT', `/api/tasks/${task.id}/${name}`, file, {signal: stop.signal});
      }
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (!(error instanceof Refused)) throw error;
      await refused(error, task, song, failed);
    } finally {
      if (task) running.delete(task.id);
      sending -= 1;
    }
  });
  return queue;
}

// The server tells of a broken upload itself, as of every other end of a task; it may not have come to that.
async function refused(error, task, song, failed) {
  const line = error.message.startsWith(song.name) ? error.message : `${song.name}: ${error.message}`;
  if (!task) return failed(line);
  await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
  const tasks = await ask('GET', '/api/tasks').then(({tasks: all}) => all, () => []);
  if (!tasks.some(({id, state}) => id === task.id && state === 'arriving')) return undefined;
  await cancel(task.id);
  return failed(line);
}

// Stop a task, or take a finished one off the list.
export async function cancel(id) {
  running.get(id)?.abort();
  try {
    await ask('DELETE', `/api/tasks/${id}`);
  } catch (error) {
    if (error.status !== 404) announce(error.message);
  }
}
