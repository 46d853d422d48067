/** Answers that could not be sent yet. IndexedDB survives a closed page, a restart and a dead battery. */
const open = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open('openconsular', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('outbox', { keyPath: 'key' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function inStore(mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction('outbox', mode);
    const request = act(transaction.objectStore('outbox'));
    transaction.oncomplete = () => {
      database.close();
      resolve(request.result);
    };
    transaction.onerror = () => reject(transaction.error);
  });
}

export const keep = (entry) => inStore('readwrite', (store) => store.put(entry));
export const forget = (key) => inStore('readwrite', (store) => store.delete(key));
export const waiting = () => inStore('readonly', (store) => store.getAll());
