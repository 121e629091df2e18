// The dialog that takes a text or a claims file, to be checked on songs of the library.

import {$, Refused} from './shared.js';
import {sendText} from './uploads.js';

const dialog = $('text-dialog'), form = $('text-form');
let songs = [];

export function checkText(chosen, label) {
  songs = chosen;
  $('text-songs').textContent = `On ${label}`;
  problem('');
  dialog.showModal();
}

function problem(text) {
  form.querySelector('.problem').textContent = text;
}

// A text with tables that have a kind is a claims file.
export function pastedFile(text) {
  const claims = /^\s*\[[^\]]+\]\s*$/m.test(text) && /^\s*kind\s*=\s*["']/m.test(text);
  return new File([text], claims ? 'Pasted claims.toml' : 'Pasted text.md', {type: 'text/plain'});
}

form.addEventListener('submit', async (event) => {
  if (event.submitter?.value === 'cancel') return;
  event.preventDefault();
  const pasted = form.elements.pasted.value, file = form.elements.file.files[0];
  if (!file && !pasted.trim()) return problem('Paste a text or choose a file first.');
  const button = form.querySelector('button.main');
  button.disabled = true;
  try {
    const text = await sendText(file ?? pastedFile(pasted));
    location.assign(`/texts/${text.id}?songs=${songs.join(',')}`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    problem(error.message);
  } finally {
    button.disabled = false;
  }
});
