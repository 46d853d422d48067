/* The device's own database: the newest lists, and counts. Nothing that was scanned is ever put here. */
const [NAME, VERSION, PLACE] = ['openconsular-verifier', 1, 'kept'];

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => request.result.createObjectStore(PLACE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function ask(mode, act) {
  const place = (await open()).transaction(PLACE, mode).objectStore(PLACE);
  return new Promise((resolve, reject) => {
    const request = act(place);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** What is kept under a name; undefined when nothing is, or when this browser keeps nothing (private windows). */
export const kept = (name) => ask('readonly', (place) => place.get(name)).catch(() => undefined);

/** Whether it was kept. */
export const keep = (name, value) => ask('readwrite', (place) => place.put(value, name)).then(() => true, () => false);

/** All names something is kept under. */
export const names = () => ask('readonly', (place) => place.getAllKeys()).catch(() => []);
export const drop = (name) => ask('readwrite', (place) => place.delete(name)).catch(() => undefined);
