// The chords beside the player: the one that sounds, the one that comes next, and the bars as a strip that goes along.
// The player tells the moment; a chord that is pressed is gone to by the player, as all that has a time.
{
  const FREE_MS = 4000;  // a strip that the reader has moved stays there for so long

  const player = document.querySelector('.player');
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  for (const harmony of player.querySelectorAll('.harmony')) {
    const [strip, now, next] = ['strip', 'now', 'next'].map((name) => harmony.querySelector(`.${name}`));
    const cells = [...strip.querySelectorAll('button')];
    const starts = cells.map((cell) => Number(cell.dataset.s));
    let shown = null, freeUntil = 0;

    const show = (time) => {
      const at = starts.findLastIndex((start) => start <= time + 0.005);
      const name = cells[at]?.textContent ?? '';
      player.dataset.chord = name;
      if (at === shown) return;
      cells[shown]?.removeAttribute('aria-current');
      cells[at]?.setAttribute('aria-current', 'true');
      shown = at;
      now.textContent = name || '–';
      next.textContent = cells.find((cell, i) => i > at && cell.textContent !== name)?.textContent ?? 'the end';
      if (performance.now() < freeUntil) return;
      strip.scrollTo({left: at < 0 ? 0 : leftFor(cells[at]), behavior: calm.matches ? 'auto' : 'smooth'});
    };

    // The bar before stands first where the chord has room behind it, else its own bar, else the chord itself.
    const leftFor = (cell) => {
      const bar = cell.parentElement, start = bar.offsetLeft + cell.offsetLeft;
      const fits = (left) => start + cell.offsetWidth <= left + strip.clientWidth;
      return [(bar.previousElementSibling ?? bar).offsetLeft, bar.offsetLeft].find(fits) ?? start;
    };

    for (const moved of ['wheel', 'touchmove', 'keydown']) {
      strip.addEventListener(moved, () => { freeUntil = performance.now() + FREE_MS; }, {passive: true});
    }
    player.addEventListener('moment', ({detail: {time, place}}) => {
      if (place === harmony.dataset.song) show(time);
    });
    if (!harmony.hidden) show(0);
  }
}
