/* `<form data-oc-queue>`: an answer that finds no network is kept, shown as not yet sent, and sent again by
 * itself. Each answer carries one key, so that sending it twice counts once. */
import { forget, keep, waiting } from './outbox.js';

const RETRY_EVERY = 20_000;
const PATIENCE = 15_000;

export function queueAnswers() {
  document.querySelectorAll('form[data-oc-queue]').forEach((form) => form.addEventListener('submit', answer));
  const retry = () => sendWaiting().catch(() => {});
  window.addEventListener('online', retry);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && retry());
  setInterval(retry, RETRY_EVERY);
  retry();
}

async function answer(event) {
  const form = event.currentTarget;
  if (form.dataset.plain) return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter);
  const key = fields.get('key') || crypto.randomUUID();
  fields.set('key', key);
  const entry = { key, url: form.action, body: new URLSearchParams(fields).toString(), page: location.pathname, said: event.submitter?.textContent.trim() ?? '' };
  event.submitter?.setAttribute('aria-busy', 'true');
  try {
    await keep(entry);
  } catch {
    // No storage (a private window): the browser's own submit still works.
    form.dataset.plain = '1';
    form.requestSubmit(event.submitter);
    return;
  }
  await send(entry);
  event.submitter?.removeAttribute('aria-busy');
}

let sending = false;

async function sendWaiting() {
  if (sending) return;
  sending = true;
  try {
    for (const entry of await waiting()) {
      if (!entry.refused) await send(entry);
    }
    await show();
  } finally {
    sending = false;
  }
}

/** True network failure keeps the answer; a server that refuses it is shown as such, for a person to act on. */
async function send(entry) {
  let response;
  try {
    response = await fetch(entry.url, {
      method: 'POST',
      body: freshToken(entry.body),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      signal: AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined,
    });
  } catch {
    return show();
  }
  if (response.ok) {
    await forget(entry.key);
    if (location.pathname === entry.page) location.assign(response.url);
    return show();
  }
  if (response.status < 500 && response.status !== 429) await keep({ ...entry, refused: response.status });
  return show();
}

function freshToken(body) {
  const fields = new URLSearchParams(body);
  const token = document.querySelector('input[name=csrfmiddlewaretoken]');
  if (token) fields.set('csrfmiddlewaretoken', token.value);
  return fields;
}

async function show() {
  const box = document.querySelector('[data-oc-pending]');
  if (!box) return;
  const entries = await waiting().catch(() => []);
  const refused = entries.find((entry) => entry.refused);
  const entry = refused ?? entries.at(-1);
  box.hidden = !entry;
  if (!entry) return;
  box.dataset.state = refused ? 'failed' : 'waiting';
  box.querySelector('[data-said]').textContent = entry.said;
  box.querySelectorAll('[data-when]').forEach((one) => {
    one.hidden = one.dataset.when !== box.dataset.state;
  });
}
