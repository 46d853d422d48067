/* The last warning a person saw, kept for the page that opens without a network. Its words are public; which
 * page it was on and whose, is not kept. `data-oc-remember` marks the warning on a page. */
const PLACE = 'last-warning';

export function rememberWarning() {
  try {
    remember(document.querySelector('[data-oc-remember]'));
    recall(document.querySelector('[data-oc-remembered]'));
  } catch {
    // No storage, as in a private window: then nothing is remembered.
  }
}

function remember(warning) {
  if (!warning) return;
  const title = warning.querySelector('h1, h2, h3')?.textContent.trim() ?? '';
  const text = [...warning.querySelectorAll('p')].map((one) => one.textContent.trim()).join('\n');
  const at = warning.querySelector('time')?.dateTime ?? new Date().toISOString();
  localStorage.setItem(PLACE, JSON.stringify({ title, text, at }));
}

function recall(box) {
  const kept = localStorage.getItem(PLACE);
  if (!box || !kept) return;
  const { title, text, at } = JSON.parse(kept);
  box.querySelector('[data-title]').textContent = title;
  box.querySelector('[data-text]').textContent = text;
  const time = box.querySelector('time');
  time.dateTime = at;
  time.textContent = new Date(at).toLocaleString(document.documentElement.lang);
  box.hidden = false;
}
