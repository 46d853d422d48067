/* Bundles of revocations, each named by its SHA-256: fetched once, kept in the device's database, opened when a look-up
 * needs one. What was fetched before an update broke off is not fetched again. */
import { hex } from '../certificate/values.js';
import { drop, keep, kept, names } from './store.js';

const MARK = 'bundle ';
const AT_ONCE = 4;
const OPEN_MOST = 8;

// Where the browser keeps nothing (private windows) they stay here until the page is closed.
const unkept = new Map();
const opened = new Map();

/** The bytes of a bundle; undefined when it is not here. */
export async function bundle(name) {
  const found = unkept.get(name) ?? opened.get(name) ?? (await kept(MARK + name));
  opened.delete(name);
  if (found) opened.set(name, found);
  if (opened.size > OPEN_MOST) opened.delete(opened.keys().next().value);
  return found;
}

/** Gets what is not here yet. `get(name, number)` gives the bytes; `onProgress(done, all)` hears of bytes. Throws what `get`
 * throws, and Error when the bytes are not those of the name. */
export async function complete(wanted, get, onProgress = () => {}) {
  const here = new Set([...(await names()), ...[...unkept.keys()].map((name) => MARK + name)]);
  const missing = wanted.map(([name, size], number) => ({ name, size, number })).filter(({ name }) => !here.has(MARK + name));
  const all = wanted.reduce((sum, [, size]) => sum + size, 0);
  let done = all - missing.reduce((sum, { size }) => sum + size, 0);
  const work = async () => {
    for (let next = missing.shift(); next; next = missing.shift()) {
      await take(next.name, await get(next.name, next.number));
      done += next.size;
      onProgress(done, all);
    }
  };
  if (missing.length) onProgress(done, all);
  // What one of them fails at does not end the others: what they bring need not be fetched again.
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function take(name, bytes) {
  const digest = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
  if (digest !== name) throw new Error('A bundle is not what its name says.');
  if (!(await keep(MARK + name, bytes))) unkept.set(name, bytes);
}

/** Forgets all but these. */
export async function dropOthers(wanted) {
  const needed = new Set(wanted.map(([name]) => MARK + name));
  for (const name of await names()) if (name.startsWith(MARK) && !needed.has(name)) await drop(name);
  for (const name of [...unkept.keys()]) if (!needed.has(MARK + name)) unkept.delete(name);
}
