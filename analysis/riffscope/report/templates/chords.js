// The chords beside the player: the one that sounds, the one that comes next, and the bars as a strip that goes along.
// The player tells the moment; a chord that is pressed is gone to by the player, as all that has a time.
{
  const FREE_MS = 4000;  // a strip that the reader has moved stays there for so long

  const player = document.querySelector('.player'), strip = player.querySelector('.strip');
  const [now, next] = ['now', 'next'].map((name) => player.querySelector(`.harmony .${name}`));
  const cells = [...strip.querySelectorAll('button')];
  const starts = cells.map((cell) => Number(cell.dataset.s));
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let shown = null, freeUntil = 0;

  function show(time) {
    const at = starts.findLastIndex((start) => start <= time + 0.005);
    if (at === shown) return;
    cells[shown]?.removeAttribute('aria-current');
    cells[at]?.setAttribute('aria-current', 'true');
    shown = at;
    const name = cells[at]?.textContent ?? '';
    now.textContent = name || '–';
    next.textContent = cells.find((cell, i) => i > at && cell.textContent !== name)?.textContent ?? 'the end';
    player.dataset.chord = name;
    if (performance.now() < freeUntil) return;
    strip.scrollTo({left: at < 0 ? 0 : leftFor(cells[at]), behavior: calm.matches ? 'auto' : 'smooth'});
  }

  // The bar before stands first where the chord has room behind it, else its own bar, else the chord itself.
  function leftFor(cell) {
    const bar = cell.parentElement, start = bar.offsetLeft + cell.offsetLeft;
    const fits = (left) => start + cell.offsetWidth <= left + strip.clientWidth;
    return [(bar.previousElementSibling ?? bar).offsetLeft, bar.offsetLeft].find(fits) ?? start;
  }

  for (const moved of ['wheel', 'touchmove', 'keydown']) {
    strip.addEventListener(moved, () => { freeUntil = performance.now() + FREE_MS; }, {passive: true});
  }
  player.addEventListener('moment', (event) => show(event.detail));
  show(0);
}
