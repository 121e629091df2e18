'use strict';
// The player of a report. The sound stands in the page as Ogg Vorbis: the mix, or vocals and accompaniment, which add up to it.
// Times are seconds from the start of the song.
{
  const SKIP_S = 5, FADE_S = 0.02, AHEAD_S = 0.03;

  const bar = document.querySelector('.player');
  const [playButton, seekBar, clockText, loopButton, balance, word] =
    ['play', 'seek', 'clock', 'loop', 'balance', 'word'].map((name) => bar.querySelector(`.${name}`));
  const lengthS = Number(bar.dataset.length), lengthText = clockText.textContent.split(' / ')[1];
  const barStarts = numbers(bar.dataset.bars);
  const riff = loopButton && {start: Number(loopButton.dataset.start), end: Number(loopButton.dataset.end)};
  const tracks = new Map([...document.querySelectorAll('.track')].map((element) => (
    [element, {head: element.querySelector('.playhead'), edges: numbers(element.dataset.edges)}])));
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  let context = null;     // made when sound is first asked for: before, a browser would not let it start
  let streams = [];       // {name, buffer, gain, source}; a source plays once and is made anew each time
  let loading = null;     // the promise of whether there is sound: false where the browser cannot decode it
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

  function load() {
    loading ??= decode().then(() => true, () => {
      playButton.disabled = true;
      say('This browser cannot play the Ogg Vorbis sound of this page. Everything else works.');
      return false;
    });
    return loading;
  }

  async function decode() {
    say('Loading the sound…');
    await new Promise((resolve) => setTimeout(resolve, 20));  // so that the word is seen before the work begins
    context = new AudioContext({sampleRate: Number(bar.dataset.rate)});
    streams = await Promise.all([...document.querySelectorAll('script[data-stream]')].map(async (script) => {
      const gain = context.createGain();
      gain.connect(context.destination);
      const buffer = await context.decodeAudioData(bytesOf(script.textContent));
      return {name: script.dataset.stream, buffer, gain, source: null};
    }));
    for (const stream of streams) stream.gain.gain.value = levelOf(stream);
    say('');
  }

  // In the middle both sound as they are, which is the mix; towards one end the other fades.
  function levelOf(stream) {
    const side = balance ? Number(balance.value) : 0;
    if (stream.name === 'vocals') return Math.min(1, 1 - side);
    if (stream.name === 'accompaniment') return Math.min(1, 1 + side);
    return 1;
  }

  function setBalance() {
    const side = Number(balance.value);
    const share = `${Math.round(100 * (1 - Math.abs(side)))}%`;
    balance.setAttribute('aria-valuetext',
      side === 0 ? 'the mix' : side < 0 ? `vocals, band at ${share}` : `band, vocals at ${share}`);
    for (const stream of streams) {
      const {gain} = stream.gain, now = context.currentTime, level = levelOf(stream);
      const from = gain.value;
      gain.cancelScheduledValues(0);
      // While it rests, the context's clock stands still, and so would a fade.
      gain.setValueAtTime(begun === null ? level : from, now);
      if (begun !== null) gain.linearRampToValueAtTime(level, now + FADE_S);
    }
  }

  // ---------------------------------------------------------------------------------------------------------- playing
  function position() {
    if (begun === null) return at;
    // What is heard now left the context a moment ago.
    const heard = context.currentTime - (context.outputLatency || 0);
    const now = at + Math.max(0, heard - begun);
    if (looping && now >= riff.end) return riff.start + (now - riff.start) % (riff.end - riff.start);
    return Math.min(now, lengthS);
  }

  async function play() {
    if (wanted) return;
    wanted = true;
    show();
    if (!await load()) return pause();
    await context.resume();
    if (wanted && begun === null) start();
  }

  function start() {
    if (at >= lengthS - 0.05) at = looping ? riff.start : 0;
    begun = context.currentTime + AHEAD_S;
    for (const stream of streams) {
      const source = context.createBufferSource();
      source.buffer = stream.buffer;
      if (looping) Object.assign(source, {loop: true, loopStart: riff.start, loopEnd: riff.end});
      source.connect(stream.gain);
      source.start(begun, at);
      stream.source = source;
    }
    streams[0].source.onended = () => { pause(); at = lengthS; show(); };
    if (!following) follow();
  }

  function stop() {
    at = position();
    begun = null;
    for (const stream of streams) {
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
    load();
    moving(() => {
      at = Math.min(Math.max(to, 0), lengthS);
      if (looping && (at < riff.start || at >= riff.end)) setLooping(false);
    });
  }

  function setLooping(on) {
    looping = on;
    loopButton.setAttribute('aria-pressed', on);
  }

  function toggleLoop() {
    moving(() => {
      setLooping(!looping);
      if (looping && (at < riff.start || at >= riff.end)) at = riff.start;
    });
    if (looping) play();
  }

  function toggle() {
    if (wanted) pause(); else play();
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

  function show() {
    const now = position();
    const text = `${clock(now)} / ${lengthText}`;
    seekBar.value = now;
    bar.dispatchEvent(new CustomEvent('moment', {detail: now}));
    if (clockText.textContent !== text) {
      clockText.textContent = text;
      const chord = bar.dataset.chord ? `, ${bar.dataset.chord}` : '';
      seekBar.setAttribute('aria-valuetext', `${clock(now)} of ${lengthText}${chord}`);
    }
    playButton.setAttribute('aria-label', wanted ? 'Pause' : 'Play');
    for (const {head, edges} of tracks.values()) {
      const end = edges.at(-1);
      // A row ends where the next begins; at the end of the song there is no next.
      head.hidden = now < edges[0] || (now >= end && end < lengthS - 0.1);
      if (!head.hidden) head.style.left = `${100 * shareAt(edges, now)}%`;
    }
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

  // --------------------------------------------------------------------------------------------------- what is pressed
  function skip(direction, byBar) {
    const now = position();
    if (!byBar) return seek(now + direction * SKIP_S);
    // While it plays, the bar line just passed is not the one before.
    const line = direction < 0
      ? barStarts.findLast((start) => start < now - 0.4)
      : barStarts.find((start) => start > now + 0.05);
    return seek(line ?? now + direction);
  }

  function scrolls(element) {
    const frame = element.closest('.scroll');
    return frame !== null && frame.scrollWidth > frame.clientWidth;
  }

  const keys = {
    ' ': () => toggle(),
    ArrowLeft: (event) => skip(-1, event.shiftKey),
    ArrowRight: (event) => skip(1, event.shiftKey),
    Home: () => seek(0),
    l: () => { if (riff) toggleLoop(); },
  };

  document.addEventListener('keydown', (event) => {
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const {target} = event;
    const moves = name.startsWith('Arrow') || name === 'Home';
    if (!Object.hasOwn(keys, name) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (name === ' ' && target.matches('button')) return;
    if (moves && (target === balance || scrolls(target))) return;
    event.preventDefault();
    if (moves || !event.repeat) keys[name](event);
  });

  document.addEventListener('click', (event) => {
    const button = event.target.closest('button'), track = event.target.closest('.track');
    // Keys are the player's again: the space bar is to pause, not to press once more what the mouse has pressed.
    if ((button || track) && event.detail) document.activeElement?.blur();
    if (button?.dataset.s) {
      seek(Number(button.dataset.s));
      if (button.matches('.time')) play();
    } else if (track) {
      const {left, width} = track.getBoundingClientRect();
      seek(timeAt(tracks.get(track).edges, (event.clientX - left) / width));
    }
  });

  playButton.addEventListener('click', toggle);
  loopButton?.addEventListener('click', toggleLoop);
  balance?.addEventListener('input', setBalance);
  seekBar.addEventListener('input', () => seek(Number(seekBar.value)));

  bar.hidden = false;
  document.documentElement.classList.add('plays');
}
