/* A map is fetched and drawn when it comes into view: on a telephone an officer who approves a warning reads and
 * decides without waiting for it, and without the third of a megabyte it weighs. */
const AHEAD = '200px';

export function drawMapsWhenSeen() {
  const watch = new IntersectionObserver((entries) => {
    for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
      watch.unobserve(target);
      // What the page is for comes first: its buttons answer before the map takes the processor.
      (globalThis.requestIdleCallback ?? setTimeout)(() => draw(target));
    }
  }, { rootMargin: AHEAD });
  document.querySelectorAll('[data-oc-map]').forEach((box) => watch.observe(box));
}

async function draw(box) {
  try {
    const { drawBoard } = await import(box.dataset.script);
    await drawBoard(box);
  } catch {
    box.textContent = '';
    box.append(Object.assign(document.createElement('p'), { className: 'oc-map__message', textContent: box.dataset.failed }));
  }
}
