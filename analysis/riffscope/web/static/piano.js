// "My range": two notes, chosen on a keyboard or from two lists.

import {$, Refused, announce, ask, make, write} from './shared.js';

const LOWEST = 33, HIGHEST = 89;  // A1 to F6: any voice
const SHARPS = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B'];
const FLATS = ['C', 'D♭', 'D', 'E♭', 'E', 'F', 'G♭', 'G', 'A♭', 'A', 'B♭', 'B'];
const WHITE = 20, HIGH = 92, BLACK = 12, BLACK_HIGH = 58;
const SVG = 'http://www.w3.org/2000/svg';

const piano = $('piano'), keys = new Map();
let low = null, high = null, second = false;

const isBlack = (midi) => SHARPS[midi % 12].length > 1;
const octave = (midi) => Math.floor(midi / 12) - 1;
const name = (midi) => `${SHARPS[midi % 12]}${octave(midi)}`;
const bothNames = (midi) => (isBlack(midi) ? `${name(midi)} / ${FLATS[midi % 12]}${octave(midi)}` : name(midi));

function read(text) {
  const notes = text.replaceAll('♯', '#').replaceAll('♭', 'b').match(/^([A-G][#b]?)(\d)-([A-G][#b]?)(\d)$/);
  if (!notes) return [null, null];
  const midi = (letter, number) => {
    const plain = letter.replace('#', '♯').replace('b', '♭');
    return (SHARPS.includes(plain) ? SHARPS : FLATS).indexOf(plain) + 12 * (Number(number) + 1);
  };
  return [midi(notes[1], notes[2]), midi(notes[3], notes[4])];
}

const written = (midi) => name(midi).replace('♯', '#');

function shape(tag, attributes, text = '') {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

function draw() {
  const whites = [], blacks = [], names = [];
  let x = 0;
  for (let midi = LOWEST; midi <= HIGHEST; midi += 1) {
    const black = isBlack(midi);
    const key = black
      ? shape('rect', {class: 'black', x: x - BLACK / 2, y: 0, width: BLACK, height: BLACK_HIGH, rx: 1.5})
      : shape('rect', {class: 'white', x, y: 0, width: WHITE, height: HIGH, rx: 2});
    key.dataset.midi = midi;
    keys.set(midi, key);
    (black ? blacks : whites).push(key);
    if (!black) {
      if (midi % 12 === 0) names.push(shape('text', {class: 'white-name', x: x + WHITE / 2, y: HIGH - 5}, name(midi)));
      x += WHITE;
    }
  }
  const picture = shape('svg', {viewBox: `-1 -1 ${x + 2} ${HIGH + 2}`, 'aria-hidden': 'true'});
  picture.append(...whites, ...blacks, ...names);
  picture.addEventListener('click', (event) => {
    const midi = Number(event.target.dataset?.midi);
    if (midi) press(midi);
  });
  const frame = piano.querySelector('.keys');
  frame.append(picture);
  frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;  // where most voices are
}

function fill(select, word) {
  select.append(make('option', {value: '', text: word}));
  for (let midi = LOWEST; midi <= HIGHEST; midi += 1) select.append(make('option', {value: midi, text: bothNames(midi)}));
}

// The first note pressed is an end of the range, the second the other.
function press(midi) {
  if (second && midi !== low) [low, high, second] = [Math.min(low, midi), Math.max(low, midi), false];
  else [low, high, second] = [midi, null, true];
  show();
  if (!second) save();
}

function show() {
  $('lowest').value = low ?? '';
  $('highest').value = high ?? '';
  for (const [midi, key] of keys) {
    key.classList.toggle('end', midi === low || midi === high);
    key.classList.toggle('in', low !== null && high !== null && midi > low && midi < high);
  }
  $('range-clear').hidden = low === null && high === null;
  write($('range-words'), words());
}

function words() {
  if (low === null && high === null) return 'None given';
  if (low === null) return 'Choose the lowest note too';
  if (high === null) return `${name(low)} to … (now the highest)`;
  return low < high ? `${name(low)} to ${name(high)}` : 'The lowest note must be below the highest';
}

async function save() {
  const whole = low !== null && high !== null;
  if (whole ? low >= high : low !== null || high !== null) return;
  try {
    const {keep} = await ask('GET', '/api/preferences');
    await ask('PUT', '/api/preferences', {keep, range: whole ? `${written(low)}-${written(high)}` : null});
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    write($('range-words'), error.message);
    announce(error.message);
  }
}

for (const [id, change] of [['lowest', (midi) => { low = midi; }], ['highest', (midi) => { high = midi; }]]) {
  fill($(id), 'none');
  $(id).addEventListener('change', () => {
    change($(id).value === '' ? null : Number($(id).value));
    second = false;
    show();
    save();
  });
}
$('range-clear').addEventListener('click', () => {
  [low, high, second] = [null, null, false];
  show();
  save();
  $('lowest').focus();
});

draw();
[low, high] = read(piano.dataset.range);
show();
