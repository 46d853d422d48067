/** What this telephone keeps: certificates in IndexedDB, and in a cache of its own the page that shows them. It lies
 * beside the shell of the service worker and is not emptied with it: it keeps the very files that page was made with. */
const CACHE = 'wallet';

const open = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open('openconsular-wallet', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('certificates', { keyPath: 'id' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function inStore(mode, act) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction('certificates', mode);
      const request = act(transaction.objectStore('certificates'));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** All that is kept, person by person, the newest of each first. */
export async function all() {
  const found = await inStore('readonly', (store) => store.getAll());
  const order = (one) => `${one.name}\u0000${one.bornOn}`;
  return found.sort((a, b) => order(a).localeCompare(order(b)) || b.expiresAt.localeCompare(a.expiresAt));
}

export const has = async (id) => (await inStore('readonly', (store) => store.count(id))) > 0;
export const update = (certificate) => inStore('readwrite', (store) => store.put(certificate));

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
  if ((await all()).length === 0) await forgetPage();
}

export async function wipe() {
  await inStore('readwrite', (store) => store.clear());
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
