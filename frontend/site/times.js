/** `<time data-relative datetime="...">` becomes "5 minutes ago" and stays true while the page is open. */
const STEPS = [['day', 86400], ['hour', 3600], ['minute', 60]];

export function keepTimesFresh() {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang || 'en', { numeric: 'auto' });
  const refresh = () => document.querySelectorAll('time[data-relative]').forEach((one) => say(one, format));
  refresh();
  setInterval(refresh, 30_000);
  // On paper "5 minutes ago" would soon be wrong.
  addEventListener('beforeprint', () => document.querySelectorAll('time[data-relative][title]').forEach((one) => (one.textContent = one.title)));
  addEventListener('afterprint', refresh);
  document.addEventListener('htmx:load', refresh);
}

function say(element, format) {
  const seconds = (new Date(element.dateTime) - Date.now()) / 1000;
  if (Number.isNaN(seconds)) return;
  if (!element.title) element.title = element.textContent.trim();
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ['second', Infinity];
  const text = format.format(Math.trunc(seconds / size), unit);
  if (element.textContent !== text) element.textContent = text;
}
