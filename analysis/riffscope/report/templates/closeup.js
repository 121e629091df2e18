// A place of the song close up: its waveform, and below it its spectrogram, worked out in the page from the sound itself.
// The player tells the place; the picture is one of the player's tracks, so that a playhead runs through it.
{
  const LOWEST_HZ = 60, HIGHEST_HZ = 10000, TICKS_HZ = [100, 300, 1000, 3000, 10000];
  const WINDOW_S = 0.08;      // long enough to part the partials of a low voice
  const SHOWN_DB = 65;        // quieter is as the ground
  const TILT_DB = 3;          // for each octave, about what music loses: else its treble would be dark
  const SLICE_MS = 10;        // so long the page may stand still
  const MAX_COLUMNS = 600;
  const WAVE_PX = 34, GAP_PX = 4, LEFT_PX = 34, BELOW_PX = 16;

  const player = document.querySelector('.player'), closeup = player.querySelector('.closeup');
  const [canvas, track, tint, head, stretch, close] =
    ['canvas', '.track', '.tint', '.playhead', '.stretch', '.close'].map((name) => closeup.querySelector(name));
  const zoom = player.querySelector('.zoom');
  let picture = null;     // what is drawn: {from, to, start, end, columns, rows, loud, wave}
  let asked = 0;          // counts the places, so that a later one overtakes
  let unwanted = false;   // closed by the reader, until asked for again

  // ----------------------------------------------------------------------------------------------------- the spectrum
  // The powers of the N / 2 lowest frequencies of N real samples: a transform of N / 2 complex ones, taken apart.
  function transform(size) {
    const half = size / 2, re = new Float64Array(half), im = new Float64Array(half);
    const order = new Uint32Array(half), bits = Math.log2(half);
    for (let i = 0; i < half; i += 1) {
      for (let bit = 0; bit < bits; bit += 1) order[i] |= ((i >> bit) & 1) << (bits - 1 - bit);
    }
    const cos = new Float64Array(half), sin = new Float64Array(half), bell = new Float64Array(size);
    for (let i = 0; i < half; i += 1) {
      cos[i] = Math.cos(2 * Math.PI * i / size);
      sin[i] = -Math.sin(2 * Math.PI * i / size);
    }
    for (let i = 0; i < size; i += 1) bell[i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / size);

    return (samples, first, powers) => {
      for (let i = 0; i < half; i += 1) {
        const at = first + 2 * i, to = order[i];
        re[to] = bell[2 * i] * (samples[at] ?? 0);
        im[to] = bell[2 * i + 1] * (samples[at + 1] ?? 0);
      }
      for (let width = 1; width < half; width *= 2) {
        const step = half / width;
        for (let i = 0; i < half; i += 2 * width) {
          for (let j = 0, turn = 0; j < width; j += 1, turn += step) {
            const a = i + j, b = a + width;
            const x = re[b] * cos[turn] - im[b] * sin[turn], y = re[b] * sin[turn] + im[b] * cos[turn];
            re[b] = re[a] - x; im[b] = im[a] - y;
            re[a] += x; im[a] += y;
          }
        }
      }
      for (let k = 1; k < half; k += 1) {
        const j = half - k, er = (re[k] + re[j]) / 2, ei = (im[k] - im[j]) / 2, or = (im[k] + im[j]) / 2, oi = (re[j] - re[k]) / 2;
        const x = er + or * cos[k] - oi * sin[k], y = ei + or * sin[k] + oi * cos[k];
        powers[k] = x * x + y * y;
      }
    };
  }

  // The frequency of a row's upper edge; rows are counted from below.
  function hertz(row, rows) {
    return LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (row / rows);
  }

  // Where between two lines of the spectrum a row lies, or which lines it holds.
  function linesOf(rows, lineHz, count) {
    return Array.from({length: rows}, (_, row) => {
      const low = hertz(row, rows) / lineHz, high = hertz(row + 1, rows) / lineHz, middle = (low + high) / 2;
      const tilt = TILT_DB * Math.log2(hertz(row + 0.5, rows) / LOWEST_HZ);
      const first = Math.min(high - low < 2 ? Math.floor(middle) : Math.ceil(low), count - 2);
      return {first, last: Math.min(Math.floor(high), count - 1), share: high - low < 2 ? middle - first : null, tilt};
    });
  }

  async function work({from, to, buffers, columns, rows, current}) {
    const rateHz = buffers[0].sampleRate, size = 2 ** Math.round(Math.log2(WINDOW_S * rateHz)), powers = new Float64Array(size / 2);
    const spectrum = transform(size), lines = linesOf(rows, rateHz / size, size / 2);
    const loud = new Float32Array(columns * rows), wave = new Float32Array(columns);
    const hop = (to - from) * rateHz / columns;
    const before = Math.max(0, Math.floor(from * rateHz) - size), sound = mixed(buffers, before, Math.ceil(to * rateHz) + size);
    let until = performance.now() + SLICE_MS, most = -Infinity;
    for (let column = 0; column < columns; column += 1) {
      const middle = from * rateHz - before + (column + 0.5) * hop;
      spectrum(sound, Math.round(middle - size / 2), powers);
      for (let row = 0; row < rows; row += 1) {
        const {first, last, share, tilt} = lines[row];
        let power = 1e-12;
        if (share === null) for (let k = first; k <= last; k += 1) power = Math.max(power, powers[k]);
        else power += (1 - share) * powers[first] + share * powers[first + 1];
        const level = 10 * Math.log10(power) + tilt;
        loud[column * rows + row] = level;
        if (level > most) most = level;
      }
      for (let i = Math.round(middle - hop / 2); i < middle + hop / 2; i += 1) wave[column] = Math.max(wave[column], Math.abs(sound[i] ?? 0));
      if (performance.now() > until) {
        await new Promise((resolve) => setTimeout(resolve));
        if (!current()) return null;
        until = performance.now() + SLICE_MS;
      }
    }
    for (let i = 0; i < loud.length; i += 1) loud[i] = Math.max(0, 1 + (loud[i] - most) / SHOWN_DB) ** 1.3;  // what is faint, fainter
    return {loud, wave};
  }

  // All streams and channels as one, from one sample to another.
  function mixed(buffers, first, last) {
    const sound = new Float32Array(Math.max(0, Math.min(last, buffers[0].length) - first));
    for (const buffer of buffers) {
      for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
        const samples = buffer.getChannelData(channel).subarray(first, first + sound.length);
        for (let i = 0; i < samples.length; i += 1) sound[i] += samples[i] / buffer.numberOfChannels;
      }
    }
    return sound;
  }

  // ------------------------------------------------------------------------------------------------------ the picture
  function color(name) {
    const hex = getComputedStyle(player).getPropertyValue(name).trim().replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3');
    return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  }

  // From the ground by the colour of links to that of text, in both light and dark: louder stands out more.
  function colors() {
    const [ground, link, ink] = ['--ground', '--link', '--ink'].map(color);
    return Array.from({length: 256}, (_, i) => {
      const [low, high, share] = i < 150 ? [ground, link, i / 150] : [link, ink, (i - 150) / 105];
      return low.map((value, k) => Math.round(value + share * (high[k] - value)));
    });
  }

  function clock(seconds, decimals) {
    const ticks = Math.round(seconds * 10 ** decimals) / 10 ** decimals, minutes = Math.floor(ticks / 60);
    return `${minutes}:${(ticks - 60 * minutes).toFixed(decimals).padStart(decimals ? 3 + decimals : 2, '0')}`;
  }

  function sizes() {
    const scale = Math.min(2, devicePixelRatio || 1), {width, height} = canvas.getBoundingClientRect();
    const wide = Math.max(50, width - LEFT_PX), high = Math.max(20, height - WAVE_PX - GAP_PX - BELOW_PX);
    return {scale, width, height, wide, high};
  }

  function paint() {
    if (!picture) return;
    const {from, to, columns, rows, loud, wave} = picture, {scale, width, height, wide, high} = sizes();
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext('2d'), style = getComputedStyle(player);
    const [ink, muted, link] = ['--ink', '--muted', '--link'].map((name) => style.getPropertyValue(name));
    pen.scale(scale, scale);

    const image = new ImageData(columns, rows), scaleOf = colors();
    for (let column = 0; column < columns; column += 1) {
      for (let row = 0; row < rows; row += 1) {
        const [red, green, blue] = scaleOf[Math.round(255 * loud[column * rows + row])];
        const i = 4 * ((rows - 1 - row) * columns + column);
        image.data[i] = red; image.data[i + 1] = green; image.data[i + 2] = blue; image.data[i + 3] = 255;
      }
    }
    const whole = Object.assign(document.createElement('canvas'), {width: columns, height: rows});
    whole.getContext('2d').putImageData(image, 0, 0);
    const top = WAVE_PX + GAP_PX;
    pen.drawImage(whole, LEFT_PX, top, wide, high);

    const most = Math.max(...wave, 1e-6);
    pen.fillStyle = link;
    for (let column = 0; column < columns; column += 1) {
      const tall = Math.max(1, WAVE_PX * wave[column] / most);
      pen.fillRect(LEFT_PX + column * wide / columns, (WAVE_PX - tall) / 2, Math.max(1, wide / columns), tall);
    }

    pen.font = `11px ${style.fontFamily}`;
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    for (const hz of TICKS_HZ) {
      const y = top + high * (1 - Math.log(hz / LOWEST_HZ) / Math.log(HIGHEST_HZ / LOWEST_HZ));
      pen.fillStyle = muted;
      pen.fillText(hz < 1000 ? hz : `${hz / 1000}k`, LEFT_PX - 6, Math.max(top + 5, y));
      pen.fillRect(LEFT_PX - 4, y, 4, 1);
    }
    pen.fillStyle = ink;
    pen.fillText('Hz', LEFT_PX - 6, WAVE_PX - 5);
    const step = [0.5, 1, 2, 5].find((s) => (to - from) / s <= Math.max(2, wide / 70)) ?? 10;
    pen.textAlign = 'center';
    for (let time = Math.ceil(from / step) * step; time <= to + 1e-6; time += step) {
      const x = LEFT_PX + wide * (time - from) / (to - from);
      pen.fillStyle = muted;
      pen.fillRect(x, top + high, 1, 3);
      pen.fillText(clock(time, step < 1 ? 1 : 0), Math.min(Math.max(x, LEFT_PX + 12), width - 18), top + high + 10);
    }
  }

  async function open({from, to, start, end, place, buffers}) {
    const number = asked += 1, current = () => number === asked && !closeup.hidden;
    const sound = await buffers;
    if (!sound || number !== asked) return;
    closeup.hidden = false;
    zoom.setAttribute('aria-expanded', 'true');
    track.dataset.edges = `${from} ${to}`;
    track.dataset.song = place;
    const percent = (time) => 100 * Math.min(1, Math.max(0, (time - from) / (to - from)));
    Object.assign(tint.style, {left: `${percent(start)}%`, width: `${percent(end) - percent(start)}%`});
    tint.hidden = end <= start;
    stretch.textContent = `Close-up: ${clock(from, 1)} to ${clock(to, 1)}`;
    canvas.setAttribute('aria-label', `Waveform and spectrogram from ${clock(from, 1)} to ${clock(to, 1)}`);
    const begun = performance.now(), {scale, wide, high} = sizes();
    const columns = Math.min(MAX_COLUMNS, Math.round(wide * scale)), rows = Math.round(Math.min(200, high * scale));
    const made = await work({from, to, buffers: sound, columns, rows, current});
    if (!made) return;
    picture = {from, to, columns, rows, ...made};
    paint();
    performance.measure('closeup', {start: begun});
    canvas.dataset.drawn = number;
  }

  function shut() {
    closeup.hidden = true;
    asked += 1;
    zoom.setAttribute('aria-expanded', 'false');
    if (closeup.contains(document.activeElement)) zoom.focus();
  }

  player.addEventListener('place', ({detail}) => {
    if (detail.asked) unwanted = false;
    if (!unwanted) open(detail);
  });
  for (const [target, name] of [[player, 'away'], [close, 'click']]) {
    target.addEventListener(name, () => { unwanted = true; shut(); });
  }
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || closeup.hidden || player.querySelector('dialog[open]')) return;
    unwanted = true;
    shut();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
  addEventListener('resize', () => { if (!closeup.hidden) paint(); });
}
