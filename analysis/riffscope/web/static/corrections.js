// The panel in which tempo, meter, the first beat and the names of sections are put right.

import {$, Refused, announce, ask, clock, make, number, write} from './shared.js';

// What the server takes (riffscope.library.corrections).
const MIN_BPM = 35, MAX_BPM = 250;
const METERS = [2, 3, 4, 5, 6, 7];
const STALE_MS = 1300;  // the player tells its place at each frame, or once a second to those who want less motion

export function corrections({sha256, follow, learn, resend, say}) {
  let about = null, before = {}, downbeatS = null, heard = null, moment = null;
  const panel = $('panel'), opener = $('correct');

  // ---------------------------------------------------------------------------------------------------- open and closed
  function setOpen(open) {
    panel.hidden = !open;
    opener.setAttribute('aria-expanded', open);
    if (open) $('panel-title').focus(); else opener.focus();
  }

  opener.addEventListener('click', () => setOpen(panel.hidden));
  $('panel-close').addEventListener('click', () => setOpen(false));
  panel.addEventListener('keydown', (event) => { if (event.key === 'Escape') setOpen(false); });

  // ------------------------------------------------------------------------------------------------------------- shown
  function show(news, {busy}) {
    about = news;
    // They wait for the song's file, since another visit or another page.
    $('again').hidden = true;
    if (!about.is_corrected && !about.has_file && !busy) showAgain();
    before = about.corrections ?? {tempo_bpm: null, beats_per_bar: null, downbeat_s: null, sections: []};
    downbeatS = before.downbeat_s;
    showCorrected();
    showTempi();
    showMeters();
    showDownbeat();
    showSections();
  }

  function showCorrected() {
    const {tempo_bpm: tempo, beats_per_bar: meter, downbeat_s: downbeat, sections} = before;
    const said = [
      tempo !== null && `tempo ${number(tempo)} BPM`, meter !== null && `${meter} beats in a bar`,
      downbeat !== null && `a bar begins at ${clock(downbeat, 1)}`, sections.length > 0 && 'names of sections',
    ].filter(Boolean);
    $('corrected').hidden = !said.length;
    $('corrected').querySelector('p').textContent = `You corrected: ${said.join('; ')}.`;
  }

  function showTempi() {
    const bpm = about.tempo_bpm, choices = [];
    const choice = (value, text, checked = false) => choices.push(
      make('label', {class: 'tick'}, make('input', {type: 'radio', name: 'tempo', value, checked}), make('span', {text})));
    const corrected = before.tempo_bpm !== null;
    choice('', corrected || bpm === null ? 'As riffscope measures it' : `As measured: ${number(bpm)} BPM`, !corrected);
    if (corrected) choice(before.tempo_bpm, `As you corrected it: ${number(before.tempo_bpm)} BPM`, true);
    if (bpm !== null) {
      if (2 * bpm <= MAX_BPM) choice(2 * bpm, `Twice as fast: ${number(2 * bpm)} BPM`);
      if (bpm / 2 >= MIN_BPM) choice(bpm / 2, `Half as fast: ${number(bpm / 2)} BPM`);
    }
    choice('other', 'Another:');
    const field = make('input', {type: 'number', id: 'bpm', min: MIN_BPM, max: MAX_BPM, step: 'any', inputmode: 'decimal', 'aria-label': 'Another tempo in BPM'});
    field.addEventListener('input', () => { choices.at(-1).querySelector('input').checked = true; });
    choices.at(-1).append(field, 'BPM');
    $('tempo-choices').replaceChildren(...choices);
  }

  function showMeters() {
    const now = before.beats_per_bar, measured = now === null && about.beats_per_bar ? `as measured: ${about.beats_per_bar}` : 'as measured';
    $('meter').replaceChildren(
      make('option', {value: '', text: measured}),
      ...[...new Set([...METERS, ...(now === null ? [] : [now])])].sort((a, b) => a - b).map((beats) => make('option', {value: beats, text: beats})));
    $('meter').value = now ?? '';
  }

  function showDownbeat() {
    const first = about.downbeats_s?.[0];
    const measured = first === undefined ? 'None was measured.' : `Measured: ${clock(first, 1)}.`;
    write($('downbeat'), downbeatS === null ? measured : `A bar begins at ${clock(downbeatS, 1)}.`);
    $('untap').hidden = downbeatS === null;
  }

  function showSections() {
    const list = $('sections').querySelector('ol');
    list.replaceChildren(...about.sections.map(({start_s: start, end_s: end, name}, place) => {
      const id = `section-${place}`, said = `${clock(start)} to ${clock(end)}`;
      return make('li', {}, make('label', {for: id, text: said}),
        make('input', {id, list: 'section-names', value: name, maxlength: 60, dir: 'auto', autocomplete: 'off'}));
    }));
    $('sections').hidden = !about.sections.length;
  }

  // ------------------------------------------------------------------------------------------------------- the first beat
  // The report plays on this page's own ground, so its place is read where it stands.
  function hear(report) {
    heard = report.querySelector('.player');
    moment = null;
    $('tapping').hidden = !heard;
    $('untapped').hidden = Boolean(heard);
    if (!heard) return;
    heard.addEventListener('moment', (event) => { moment = {timeS: event.detail.time, at: performance.now()}; });
    report.addEventListener('keydown', tapped);
    const button = heard.querySelector('.play');
    const follow = () => write($('play'), button.getAttribute('aria-label'));
    new MutationObserver(follow).observe(button, {attributes: true, attributeFilter: ['aria-label']});
    follow();
  }

  function placeS() {
    const playing = heard.querySelector('.play').getAttribute('aria-label') === 'Pause';
    const sinceS = moment && (performance.now() - moment.at) / 1000;
    if (playing && moment && 1000 * sinceS < STALE_MS) return moment.timeS + sinceS;
    return Number(heard.querySelector('.wave:not([hidden]) .seek').value);
  }

  // The beats to choose from: of a song that is to be twice as fast, those between the measured ones too.
  function beatsAsked() {
    const beats = about.beats_s ?? [], picked = Number(document.querySelector('input[name=tempo]:checked').value);
    if (!(picked > 1.5 * about.tempo_bpm)) return beats;
    return beats.flatMap((beat, place) => (place ? [(beats[place - 1] + beat) / 2, beat] : [beat]));
  }

  function tap() {
    if (!about || !heard) return;
    const timeS = placeS(), beats = beatsAsked();
    downbeatS = beats.length ? beats.reduce((best, beat) => (Math.abs(beat - timeS) < Math.abs(best - timeS) ? beat : best)) : timeS;
    showDownbeat();
  }

  function tapped(event) {
    if (panel.hidden || event.key.toLowerCase() !== 't' || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest?.('textarea, select, dialog, input:not([type=range], [type=checkbox], [type=radio])')) return;
    event.preventDefault();
    tap();
  }

  document.addEventListener('keydown', tapped);
  $('tap').addEventListener('click', tap);
  $('untap').addEventListener('click', () => {
    downbeatS = null;
    showDownbeat();
    $('tap').focus();
  });
  $('play').addEventListener('click', () => heard?.querySelector('.play').click());

  // --------------------------------------------------------------------------------------------------------- told and sent
  function problem(text) {
    write($('problem'), text);
    if (panel.hidden) say(text, {bad: true});
    else if (text) $('problem').scrollIntoView({block: 'nearest'});
  }

  // What the panel says now, or the one line that is wrong with it.
  function chosen() {
    const picked = document.querySelector('input[name=tempo]:checked').value;
    const tempo = picked === '' ? null : Number(picked === 'other' ? $('bpm').value : picked);
    if (tempo !== null && !(tempo >= MIN_BPM && tempo <= MAX_BPM)) throw new Refused(`The tempo must be between ${MIN_BPM} and ${MAX_BPM} BPM.`);
    const names = [...$('sections').querySelectorAll('input')].map((input) => input.value.trim());
    const nameless = names.findIndex((name) => !name);
    if (nameless >= 0) throw new Refused(`The section at ${clock(about.sections[nameless].start_s)} has no name.`);
    const renamed = names.some((name, place) => name !== about.sections[place].name);
    const sections = renamed ? about.sections.map(({start_s, end_s}, place) => ({start_s, end_s, name: names[place]})) : before.sections;
    return {tempo_bpm: tempo, beats_per_bar: $('meter').value ? Number($('meter').value) : null, downbeat_s: downbeatS, sections};
  }

  async function send(method, body) {
    problem('');
    say('');
    $('apply').disabled = true;
    try {
      const answer = await ask(method, `/api/songs/${sha256}/corrections`, body);
      if (answer?.task) follow(answer.task);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.said.needs_file) return await askForFile();
      problem(error.message);
    } finally {
      $('apply').disabled = false;
    }
  }

  function showAgain() {
    $('again').hidden = false;
    write($('again').querySelector('p'), about.corrections === null
      ? 'The song’s file isn’t here any more. Choose it again, and the song is measured without your corrections.'
      : 'The song’s file isn’t here any more. Your corrections are saved: choose the file again, and they are applied.');
  }

  async function askForFile() {
    await learn();
    if ($('again').hidden) return say('Your corrections are undone.');  // the song was never measured with them
    $('again').scrollIntoView({block: 'nearest'});
    $('again-file').focus({preventScroll: true});
    announce($('again').querySelector('p').textContent);
  }

  $('corrections').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!about) return;
    try {
      const body = chosen();
      if (about.is_corrected && JSON.stringify(body) === JSON.stringify({...body, ...before})) problem('Nothing has been changed yet.');
      else send('PUT', body);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problem(error.message);
    }
  });
  $('undo').addEventListener('click', () => send('DELETE'));
  $('again-file').addEventListener('change', () => {
    const [file] = $('again-file').files;
    $('again-file').value = '';
    if (file) resend(file, $('again-keep').checked);
  });

  function done() {
    problem('');
    $('again').hidden = true;
  }

  return {show, hear, problem, done};
}
