/** What this telephone keeps: certificates in IndexedDB, and in a cache of its own the page that shows them. It lies
 * beside the shell of the service worker and is not emptied with it: it keeps the very files that page was made with. */
import { makeLock, seal, unlock, unseal } from './lock.js';

const CACHE = 'wallet';
const [CERTIFICATES, SETTINGS, LOCK] = ['certificates', 'settings', 'lock'];
// What opens the lock, while this page is open.
let opener = null;

const open = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open('openconsular-wallet', 2);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) request.result.createObjectStore(CERTIFICATES, { keyPath: 'id' });
      request.result.createObjectStore(SETTINGS);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function inStore(mode, act, name = CERTIFICATES) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction([CERTIFICATES, SETTINGS], mode);
      const request = act(transaction.objectStore(name), transaction.objectStore(SETTINGS));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

const lockKept = () => inStore('readonly', (settings) => settings.get(LOCK), SETTINGS);
export const isLocked = async () => Boolean(await lockKept());

/** All that is kept and can be read now, person by person, the newest of each first; null while it is locked. */
export async function all() {
  const kept = await inStore('readonly', (store) => store.getAll());
  if (kept.some((one) => one.sealed) && !opener) return null;
  const found = await Promise.all(kept.map((one) => (one.sealed ? unseal(opener, one) : one)));
  const order = (one) => `${one.name}\u0000${one.bornOn}`;
  return found.sort((a, b) => order(a).localeCompare(order(b)) || b.expiresAt.localeCompare(a.expiresAt));
}

export const has = async (id) => (await inStore('readonly', (store) => store.count(id))) > 0;

export async function update(certificate) {
  const lock = await lockKept();
  const made = lock ? await seal(lock, certificate) : certificate;
  return inStore('readwrite', (store) => store.put(made));
}

/** Whether the code was right. */
export async function openAll(code) {
  opener = await unlock(await lockKept(), code);
  return opener !== null;
}

export const shut = () => {
  opener = null;
};

/** From now on nothing here can be read without the code: all of it is sealed, or none. */
export async function lockAll(code) {
  const plain = await all();
  const { lock, key } = await makeLock(code);
  const made = await Promise.all(plain.map((one) => seal(lock, one)));
  await inStore('readwrite', (store, settings) => {
    made.forEach((one) => store.put(one));
    return settings.put(lock, LOCK);
  });
  opener = key;
}

export async function unlockAll() {
  const plain = await all();
  await inStore('readwrite', (store, settings) => {
    plain.forEach((one) => store.put(one));
    return settings.delete(LOCK);
  });
  opener = null;
}

export async function keep(certificate, page) {
  await update({ ...certificate, checkedAt: new Date().toISOString() });
  await keepPage(page);
  // Asks the browser not to throw it away when space is short; it may say no.
  await navigator.storage?.persist?.().catch(() => false);
}

/** The page and the files it needs, as they are now. Without a network what was kept before stays. */
export async function keepPage(page) {
  if (!('caches' in window)) return;
  const needed = [...document.querySelectorAll('link[rel=stylesheet], link[rel=icon], script[src]')];
  const files = needed.map((one) => one.href || one.src);
  const cache = await caches.open(CACHE);
  await cache.addAll([page, ...files]);
}

export async function drop(id) {
  await inStore('readwrite', (store) => store.delete(id));
  if ((await inStore('readonly', (store) => store.count())) === 0) await wipe();
}

export async function wipe() {
  await inStore('readwrite', (store, settings) => {
    settings.clear();
    return store.clear();
  });
  opener = null;
  await forgetPage();
}

const forgetPage = async () => 'caches' in window && caches.delete(CACHE);

/** How a kept certificate stands by this telephone's clock and what was last heard of it. */
export function standing(one, now = new Date()) {
  if (one.state === 'revoked' || one.state === 'replaced') return one.state;
  if (now >= new Date(one.expiresAt)) return 'expired';
  if (one.validFrom && now < new Date(`${one.validFrom.slice(0, 10)}T00:00`)) return 'not-yet-valid';
  return one.state === 'not-yet-valid' && one.validFrom ? 'valid' : one.state;
}
