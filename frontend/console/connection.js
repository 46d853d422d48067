/** The badge in the header: whether what the page shows is live, and since when it is not. */
export function watchConnection() {
  const badge = document.querySelector('[data-oc-connection]');
  if (!badge) return;
  const text = badge.querySelector('[data-text]');
  const streams = new Set();
  const lost = new Set();
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
  on('htmx:sseOpen', (element) => streams.add(element) && lost.delete(element));
  on('htmx:sseError', (element) => streams.add(element) && lost.add(element));
  on('htmx:sseClose', (element) => streams.delete(element) && lost.delete(element));
  window.addEventListener('online', show);
  window.addEventListener('offline', show);
  show();
}
