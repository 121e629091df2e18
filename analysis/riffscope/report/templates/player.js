'use strict';
// The player of a report. The sound stands in the page as Opus: of each song the mix, or vocals and accompaniment, which
// add up to it. Times are seconds from the start of a song.
{
  const SKIP_S = 5, FADE_S = 0.02, AHEAD_S = 0.03;
  const MIN_CLOSEUP_S = 4, MAX_CLOSEUP_S = 24, MARGIN_S = 2;

  const bar = document.querySelector('.player');
  const [playButton, clockText, balance, evened, sameBar, zoomButton, helpButton, word, keyList, closeup] =
    ['play', 'clock', 'balance', 'evened', 'same_bar', 'zoom', 'help', 'word', 'keys', 'closeup'].map((name) => bar.querySelector(`.${name}`));
  const songs = [...bar.querySelectorAll('.wave')].map((wave) => {
    const place = wave.dataset.song, loop = bar.querySelector(`.loop[data-song="${place}"]`);
    const [seekBar, done, hover] = ['seek', 'done', 'hover'].map((name) => wave.querySelector(`.${name}`));
    return {
      place, wave, seekBar, done, hover, loop,
      lengthS: Number(wave.dataset.length), lengthText: wave.dataset.clock, bars: numbers(wave.dataset.bars),
      level: 10 ** (Number(wave.dataset.level) / 20),
      sections: [...wave.querySelectorAll('.sections span')].map(({dataset: {start, end}, textContent}) => ({start: Number(start), end: Number(end), name: textContent})),
      riff: loop && {start: Number(loop.dataset.start), end: Number(loop.dataset.end)},
      streams: [],      // {name, buffer, gain, source}; a source plays once and is made anew each time
      loading: null,    // the promise of whether there is sound: false where the browser cannot decode it
    };
  });
  const tracks = [...document.querySelectorAll('.track')].map((element) => ({element, head: element.querySelector('.playhead')}));
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  let song = songs[0];
  let context = null;     // made when sound is first asked for: before, a browser would not let it start
  let wanted = false;     // whether it should play, also while it is still loading
  let at = 0;             // where it rests, or where the sources began
  let begun = null;       // when the sources began, by the context's clock; null while it rests
  let looping = false;
  let following = false;  // whether the playheads already wait for their next move

  function numbers(text) {
    return text.split(' ').filter(Boolean).map(Number);
  }

  // ------------------------------------------------------------------------------------------------------------ sound
  function bytesOf(base64) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
    return bytes.buffer;
  }

  function load(one) {
    if (!one.loading && one === song) say('Loading the sound…');
    one.loading ??= decode(one).then(() => true, () => {
      playButton.disabled = true;
      say('This browser cannot play the sound of this page (Opus). Everything else works.');
      return false;
    });
    return one.loading;
  }

  async function decode(one) {
    await new Promise((resolve) => setTimeout(resolve, 20));  // so that the word is seen before the work begins
    context ??= new AudioContext({sampleRate: Number(bar.dataset.rate)});
    const parts = await Promise.all([...document.querySelectorAll(`script[data-stream][data-song="${one.place}"]`)].map(
      async ({dataset, textContent}) => ({name: dataset.stream, buffer: await context.decodeAudioData(bytesOf(textContent))})));
    one.streams = (balance ? parts : mixed(parts)).map((part) => {
      const gain = context.createGain();
      gain.connect(context.destination);
      return {...part, gain, source: null};
    });
    for (const stream of one.streams) stream.gain.gain.value = levelOf(one, stream);
    if (one === song) say('');
  }

  // Where there is no slider between the parts they are only heard together: added up they take half the memory.
  function mixed(parts) {
    if (parts.length < 2) return parts;
    const [{buffer}, ...others] = [...parts].sort((a, b) => b.buffer.numberOfChannels - a.buffer.numberOfChannels);
    for (const other of others) {
      for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
        const sum = buffer.getChannelData(channel);
        const added = other.buffer.getChannelData(Math.min(channel, other.buffer.numberOfChannels - 1));
        for (let i = Math.min(sum.length, added.length) - 1; i >= 0; i -= 1) sum[i] += added[i];
      }
    }
    return [{name: 'mix', buffer}];
  }

  // In the middle both streams sound as they are, which is the mix; towards one end the other fades.
  function levelOf(one, stream) {
    const side = balance ? Number(balance.value) : 0, level = evened?.checked ? one.level : 1;
    if (stream.name === 'vocals') return level * Math.min(1, 1 - side);
    if (stream.name === 'accompaniment') return level * Math.min(1, 1 + side);
    return level;
  }

  function setLevels() {
    for (const one of songs) {
      for (const stream of one.streams) {
        const {gain} = stream.gain, now = context.currentTime, level = levelOf(one, stream);
        const from = gain.value;
        gain.cancelScheduledValues(0);
        // While it rests, the context's clock stands still, and so would a fade.
        gain.setValueAtTime(begun === null ? level : from, now);
        if (begun !== null) gain.linearRampToValueAtTime(level, now + FADE_S);
      }
    }
  }

  function setBalance() {
    const side = Number(balance.value);
    const share = `${Math.round(100 * (1 - Math.abs(side)))}%`;
    balance.setAttribute('aria-valuetext',
      side === 0 ? 'the mix' : side < 0 ? `vocals, accompaniment at ${share}` : `accompaniment, vocals at ${share}`);
    setLevels();
  }

  // ---------------------------------------------------------------------------------------------------------- playing
  function position() {
    if (begun === null) return at;
    // What is heard now left the context a moment ago.
    const heard = context.currentTime - (context.outputLatency || 0);
    const now = at + Math.max(0, heard - begun), {riff, lengthS} = song;
    if (looping && now >= riff.end) return riff.start + (now - riff.start) % (riff.end - riff.start);
    return Math.min(now, lengthS);
  }

  async function play() {
    if (wanted) return;
    wanted = true;
    show();
    await sound();
  }

  async function sound() {
    const one = song;
    if (!await load(one)) return one === song && pause();
    await context.resume();
    if (wanted && begun === null && one === song) start();
    for (const other of songs) await load(other);  // so that the others answer at once
  }

  function start() {
    if (at >= song.lengthS - 0.05) at = looping ? song.riff.start : 0;
    begun = context.currentTime + AHEAD_S;
    for (const stream of song.streams) {
      const source = context.createBufferSource();
      source.buffer = stream.buffer;
      if (looping) Object.assign(source, {loop: true, loopStart: song.riff.start, loopEnd: song.riff.end});
      source.connect(stream.gain);
      source.start(begun, at);
      stream.source = source;
    }
    song.streams[0].source.onended = () => { pause(); at = song.lengthS; show(); };
    if (!following) follow();
  }

  function stop() {
    at = position();
    begun = null;
    for (const stream of song.streams) {
      stream.source.onended = null;
      stream.source.stop();
      stream.source.disconnect();
    }
  }

  function pause() {
    wanted = false;
    if (begun !== null) {
      stop();
      context.suspend();
    }
    show();
  }

  // Run something that changes where or how it plays; the sources begin anew.
  function moving(change) {
    const playing = begun !== null;
    if (playing) stop();
    change();
    if (playing) start();
    show();
  }

  function seek(to) {
    load(song);
    moving(() => {
      at = Math.min(Math.max(to, 0), song.lengthS);
      if (looping && (at < song.riff.start || at >= song.riff.end)) setLooping(false);
    });
  }

  function setLooping(on) {
    looping = on;
    song.loop?.setAttribute('aria-pressed', on);
  }

  function toggleLoop() {
    moving(() => {
      setLooping(!looping);
      if (looping && (at < song.riff.start || at >= song.riff.end)) at = song.riff.start;
    });
    if (looping) play();
  }

  function toggle() {
    if (wanted) pause(); else play();
  }

  // ------------------------------------------------------------------------------------------------------------ songs
  function choose(place, time = null) {
    const other = songs.find((one) => one.place === place);
    if (!other || other === song) return;
    const goal = time ?? sameMoment(position(), other);
    if (begun !== null) stop();
    setLooping(false);
    song = other;
    at = Math.min(goal, song.lengthS);
    for (const element of bar.querySelectorAll('[data-song]:not(script, .track)')) element.hidden = element.dataset.song !== place;
    for (const button of bar.querySelectorAll('[data-choose]')) button.setAttribute('aria-pressed', button.dataset.choose === place);
    if (wanted) sound(); else load(song);
    show();
  }

  // The same time in another song, or where that is wished for the same share of the same bar.
  function sameMoment(time, other) {
    const from = song.bars, to = other.bars;
    if (!sameBar?.checked || from.length < 2 || to.length < 2) return time;
    const number = Math.min(Math.max(0, from.findLastIndex((start) => start <= time)), from.length - 2);
    const share = (time - from[number]) / (from[number + 1] - from[number]);
    const there = Math.min(number, to.length - 2);
    return Math.max(0, to[there] + share * (to[there + 1] - to[there]));
  }

  // ------------------------------------------------------------------------------------------------------ what is seen
  function say(text) {
    word.textContent = text;
  }

  function clock(seconds) {
    const whole = Math.floor(seconds), minutes = Math.floor(whole / 60);
    const two = (number) => String(number).padStart(2, '0');
    const before = minutes < 60 ? minutes : `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
    return `${before}:${two(whole % 60)}`;
  }

  function sectionAt(time) {
    const name = song.sections.findLast(({start}) => start <= time)?.name ?? '';
    return /^[A-Z]'*$/.test(name) ? `section ${name}` : name;
  }

  function show() {
    const now = position();
    const text = `${clock(now)} / ${song.lengthText}`;
    song.seekBar.value = now;
    song.done.style.width = `${100 * now / song.lengthS}%`;
    bar.dataset.chord = '';  // chords.js tells it
    bar.dispatchEvent(new CustomEvent('moment', {detail: {time: now, place: song.place}}));
    const said = [`${clock(now)} of ${song.lengthText}`, sectionAt(now), bar.dataset.chord && `chord ${bar.dataset.chord}`].filter(Boolean).join(', ');
    if (song.said !== said) {
      song.said = said;
      song.seekBar.setAttribute('aria-valuetext', said);
    }
    if (clockText.textContent !== text) clockText.textContent = text;
    playButton.setAttribute('aria-label', wanted ? 'Pause' : 'Play');
    for (const track of tracks) {
      const edges = edgesOf(track), end = edges.at(-1);
      // A row ends where the next begins; at the end of the song there is no next.
      track.head.hidden = (track.element.dataset.song ?? song.place) !== song.place
        || now < edges[0] || (now >= end && end < song.lengthS - 0.1);
      if (!track.head.hidden) track.head.style.left = `${100 * shareAt(edges, now)}%`;
    }
  }

  function edgesOf(track) {
    const text = track.element.dataset.edges;  // those of the close-up change
    if (track.text !== text) Object.assign(track, {text, edges: numbers(text)});
    return track.edges;
  }

  // The cells of a track are equally wide, the times that they take need not be equally long.
  function shareAt(edges, time) {
    const count = edges.length - 1;
    const cell = Math.max(0, Math.min(count - 1, edges.findLastIndex((edge) => edge <= time)));
    return Math.min(1, (cell + (time - edges[cell]) / (edges[cell + 1] - edges[cell] || 1)) / count);
  }

  function timeAt(edges, share) {
    const count = edges.length - 1;
    const cell = Math.max(0, Math.min(count - 1, Math.floor(share * count)));
    return edges[cell] + (share * count - cell) * (edges[cell + 1] - edges[cell]);
  }

  function follow() {
    following = begun !== null;
    if (!following) return;
    show();
    if (calm.matches) setTimeout(follow, 1000); else requestAnimationFrame(follow);
  }

  // --------------------------------------------------------------------------------------------------------- close-up
  // Ask for the picture of a stretch with a bar before and after it; closeup.js draws it.
  function look(start, end, asked) {
    const {bars, lengthS} = song;
    const next = Math.max(1, bars.findIndex((line) => line > start)), barS = bars[next] - bars[next - 1];
    const margin = barS >= 1 && barS <= 2 * MARGIN_S ? barS : MARGIN_S;
    const lacking = Math.max(0, MIN_CLOSEUP_S - (end - start + 2 * margin)) / 2;
    const from = Math.max(0, start - margin - lacking);
    const to = Math.min(lengthS, Math.max(from + MIN_CLOSEUP_S, Math.min(end + margin + lacking, from + MAX_CLOSEUP_S)));
    const one = song, buffers = load(one).then((can) => (can ? one.streams.map(({buffer}) => buffer) : null));
    bar.dispatchEvent(new CustomEvent('place', {detail: {from: Math.max(0, Math.min(from, to - MIN_CLOSEUP_S)), to, start, end, place: one.place, buffers, asked}}));
  }

  // --------------------------------------------------------------------------------------------------- what is pressed
  function skip(direction, starts, orSeconds) {
    const now = position();
    // While it plays, the line just passed is not the one before.
    const line = direction < 0 ? starts.findLast((start) => start < now - 0.4) : starts.find((start) => start > now + 0.05);
    return seek(line ?? now + direction * orSeconds);
  }

  function bySection(direction) {
    const starts = song.sections.map(({start}) => start);
    skip(direction, direction < 0 ? [0, ...starts] : [...starts, song.lengthS], 0);
  }

  function arrow(direction, event) {
    skip(direction, event.shiftKey ? song.bars : [], event.shiftKey ? 1 : SKIP_S);
  }

  function scrolls(element) {
    const frame = element.closest('.scroll');
    return frame !== null && frame.scrollWidth > frame.clientWidth;
  }

  function showKeys() {
    if (!keyList.open) keyList.showModal();
  }

  const keys = {
    ' ': () => toggle(),
    ArrowLeft: (event) => arrow(-1, event),
    ArrowRight: (event) => arrow(1, event),
    Home: () => seek(0),
    End: () => seek(song.lengthS),
    PageUp: () => bySection(-1),
    PageDown: () => bySection(1),
    '[': () => bySection(-1),
    ']': () => bySection(1),
    l: () => { if (song.riff) toggleLoop(); },
    z: () => zoomButton.click(),
    '?': () => showKeys(),
  };
  if (songs.length > 1) {
    keys.x = () => choose(songs[(songs.indexOf(song) + 1) % songs.length].place);
    for (const {place, wave} of songs) keys[wave.dataset.letter.toLowerCase()] = () => choose(place);
  }

  document.addEventListener('keydown', (event) => {
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const {target} = event;
    const moves = name.length > 1;
    // Brackets are typed with Alt on some keyboards.
    if (!Object.hasOwn(keys, name) || (!'[]'.includes(name) && (event.ctrlKey || event.altKey)) || event.metaKey) return;
    if (keyList.open || target.matches('textarea, select, input:not([type=range], [type=checkbox])')) return;
    if (name === ' ' && target.matches('button, summary, a, [type=checkbox]')) return;
    if (name.startsWith('Page') && target !== song.seekBar) return;
    if (moves && (target === balance || scrolls(target))) return;
    event.preventDefault();
    if (moves || '[]'.includes(name) || !event.repeat) keys[name](event);
  });

  document.addEventListener('click', (event) => {
    const button = event.target.closest('button'), track = event.target.closest('.track');
    // Keys are the player's again: the space bar is to pause, not to press once more what the mouse has pressed.
    if ((button || track) && event.detail && button !== helpButton) document.activeElement?.blur();
    if (button?.dataset.choose) choose(button.dataset.choose);
    if (button?.dataset.s) {
      const start = Number(button.dataset.s), end = Number(button.dataset.e ?? start);
      if (button.dataset.song) choose(button.dataset.song, start);
      seek(start);
      if (button.matches('.time')) {
        look(start, end, false);
        play();
      }
    } else if (track) {
      const {left, width} = track.getBoundingClientRect();
      const time = timeAt(edgesOf(tracks.find(({element}) => element === track)), (event.clientX - left) / width);
      if (track.dataset.song) choose(track.dataset.song, time);
      seek(time);
    }
  });

  for (const one of songs) {
    const {wave, hover, lengthS, seekBar} = one;
    const timeOf = (event) => {
      const {left, width} = wave.getBoundingClientRect();
      return lengthS * Math.min(1, Math.max(0, (event.clientX - left) / width));
    };
    wave.addEventListener('pointerdown', (event) => {
      if (event.button) return;
      wave.setPointerCapture(event.pointerId);
      seek(timeOf(event));
    });
    wave.addEventListener('pointermove', (event) => {
      const time = timeOf(event), share = time / lengthS;
      if (event.buttons) seek(time);
      hover.hidden = false;
      hover.textContent = [clock(time), sectionAt(time)].filter(Boolean).join(' · ');
      hover.style.left = `${100 * share}%`;
      hover.style.translate = `${-100 * share}%`;
    });
    for (const ended of ['pointerleave', 'pointercancel']) wave.addEventListener(ended, () => { hover.hidden = true; });
    seekBar.addEventListener('input', () => seek(Number(seekBar.value)));
    one.loop?.addEventListener('click', toggleLoop);
  }
  playButton.addEventListener('click', toggle);
  helpButton.addEventListener('click', showKeys);
  zoomButton.addEventListener('click', () => {
    if (closeup.hidden) look(position(), position(), true); else bar.dispatchEvent(new CustomEvent('away'));
  });
  balance?.addEventListener('input', setBalance);
  evened?.addEventListener('input', setLevels);

  bar.hidden = false;
  document.documentElement.classList.add('plays');
  show();
}
