// Streams end every few minutes and browsers open them again at once: only a gap longer than this is a loss.
const GRACE_MS = 4000;

/** The badge in the header: whether what the page shows is live, and since when it is not. */
export function watchConnection() {
  const badge = document.querySelector('[data-oc-connection]');
  if (!badge) return;
  const text = badge.querySelector('[data-text]');
  const streams = new Set();
  const lost = new Set();
  const waiting = new Map();
  const show = () => {
    const state = lost.size || !navigator.onLine ? 'lost' : 'open';
    badge.hidden = streams.size === 0 && navigator.onLine;
    if (badge.dataset.state === state) return;
    badge.dataset.state = state;
    const clock = new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit' });
    text.textContent = badge.dataset[state].replace('{time}', clock);
  };
  const on = (name, act) => document.body.addEventListener(name, (event) => {
    act(event.target);
    show();
  });
  const found = (element) => {
    clearTimeout(waiting.get(element));
    waiting.delete(element);
    lost.delete(element);
  };
  const missed = (element) => {
    if (waiting.has(element)) return;
    waiting.set(element, setTimeout(() => {
      lost.add(element);
      show();
    }, GRACE_MS));
  };
  on('htmx:sseOpen', (element) => found(element) ?? streams.add(element));
  on('htmx:sseError', (element) => missed(element) ?? streams.add(element));
  on('htmx:sseClose', (element) => found(element) ?? streams.delete(element));
  window.addEventListener('online', show);
  window.addEventListener('offline', show);
  show();
}
