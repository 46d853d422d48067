/* A code in the whole screen: the screen stays awake, a swipe or an arrow key leads to the next one. */
const FAR_ENOUGH = 60;

const leansRight = () => document.documentElement.dir === 'rtl';

function stayAwake() {
  const ask = () => document.visibilityState === 'visible' && navigator.wakeLock?.request('screen').catch(() => {});
  ask();
  // The lock is lost when the telephone is put away.
  document.addEventListener('visibilitychange', ask);
  return () => document.removeEventListener('visibilitychange', ask);
}

/** Calls `turn(1)` for the next one and `turn(-1)` for the one before. */
function whenTurned(element, turn) {
  let start = null;
  element.addEventListener('touchstart', (event) => {
    start = event.touches.length === 1 ? event.touches[0].clientX : null;
  }, { passive: true });
  element.addEventListener('touchend', (event) => {
    const way = start === null ? 0 : event.changedTouches[0].clientX - start;
    if (Math.abs(way) > FAR_ENOUGH) turn((way < 0) === !leansRight() ? 1 : -1);
  });
  element.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) turn(leansRight() ? -step : step);
  });
}

/** The page of one code alone. */
export function showLarge() {
  const page = document.querySelector('[data-oc-show]');
  const certificate = document.querySelector('[data-oc-certificate]');
  for (const one of [page, certificate]) {
    if (one) whenTurned(one, (step) => document.querySelector(step > 0 ? '[rel=next]' : '[rel=prev]')?.click());
  }
  if (!page) return;
  stayAwake();
  page.querySelector('img').addEventListener('click', () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  });
}

/** The same for what is kept on the telephone, in a dialogue. */
export class Large {
  constructor(dialog) {
    this.dialog = dialog;
    const on = (name, act) => dialog.querySelector(`[data-do=${name}]`).addEventListener('click', act);
    on('close', () => dialog.close());
    on('before', () => this.turn(-1));
    on('after', () => this.turn(1));
    whenTurned(dialog, (step) => this.turn(step));
    dialog.addEventListener('close', () => {
      this.sleep?.();
      if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    });
  }

  open(kept, place) {
    this.kept = kept;
    this.draw(place);
    document.documentElement.requestFullscreen?.().catch(() => {});
    this.dialog.showModal();
    this.dialog.querySelector('[data-do=close]').focus();
    this.sleep = stayAwake();
  }

  turn(step) {
    const place = this.place + step;
    if (place >= 0 && place < this.kept.length) this.draw(place);
  }

  draw(place) {
    this.place = place;
    const one = this.kept[place];
    this.dialog.querySelector('[data-name]').textContent = one.name;
    this.dialog.querySelector('[data-title]').textContent = `${one.title}${one.part}`;
    this.dialog.querySelector('[data-code]').src = one.code;
    this.dialog.querySelector('[data-do=before]').hidden = place === 0;
    this.dialog.querySelector('[data-do=after]').hidden = place === this.kept.length - 1;
  }
}
