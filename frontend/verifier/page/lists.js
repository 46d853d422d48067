/* The lists a verification rests on: fetched when there is a network, taken from a file when there is none, kept in the
 * device's database. Newer ones replace older ones and never the other way round. */
import { fromBase64 } from '../certificate/base64.js';
import { Revocations } from '../certificate/revocation.js';
import { FORM, TrustStore } from '../certificate/trust.js';
import { hex } from '../certificate/values.js';
import { bundle, complete, dropOthers } from './bundles.js';
import { drop, keep, kept } from './store.js';
import { listKeys } from './words.js';

const MAGIC = 'OCV2';
const NAME = 'head';
const FORMER = 'lists';
const FILE_MOST = 512 * 1024 * 1024;
const SIGNATURE_MOST = 256;
const HASH_BYTES = 16;
const PATIENCE = 2500;

/** Why lists were not taken; `word` names the sentence that says it. */
export class NotTaken extends Error {
  constructor(word) {
    super(word);
    this.word = word;
  }
}

/** The head was made anew since, with other bundles. */
class Outdated extends NotTaken {
  constructor() {
    super('listsNotFetched');
  }
}

/** Until there are lists: nobody is known. */
export const NONE = { madeAt: null, listsLast: 0, sources: [], trust: new TrustStore(), revocations: new Revocations(), held: [] };

/** The lists kept on this device, or NONE. */
export async function keptLists({ environment, near }) {
  const bytes = await kept(NAME);
  if (!bytes) return NONE;
  try {
    return read(bytes, environment, near).lists;
  } catch (fault) {
    if (fault instanceof NotTaken) return NONE;
    throw fault;
  }
}

/** The lists as the server gives them now: their head, and the bundles that are not here yet. */
export async function fetchLists(place, held, onProgress) {
  try {
    return await fetchOnce(place, held, onProgress);
  } catch (fault) {
    if (fault instanceof Outdated) return fetchOnce(place, held, onProgress);
    throw fault;
  }
}

async function fetchOnce(place, held, onProgress) {
  const answer = await fetch(place.head, { cache: 'no-store' });
  if (!answer.ok) throw new NotTaken('listsNotFetched');
  const bundleNamed = async (name) => {
    const found = await fetch(`${place.bundles}${name}`);
    if (found.status === 404) throw new Outdated();
    if (!found.ok) throw new NotTaken('listsNotFetched');
    return new Uint8Array(await found.arrayBuffer());
  };
  return take(new Uint8Array(await answer.arrayBuffer()), place, held, { isOurs: true, bundleNamed, onProgress });
}

/** The lists in a file somebody brought: only with a signature this page knows. */
export async function importLists(file, place, held, onProgress) {
  if (file.size > FILE_MOST) throw new NotTaken('listsUnreadable');
  const start = new Uint8Array(await file.slice(0, SIGNATURE_MOST).arrayBuffer());
  const end = headEnd(start);
  if (!end || end > file.size) throw new NotTaken('listsUnreadable');
  const bytes = new Uint8Array(await file.slice(0, end).arrayBuffer());
  let starts = null;
  const bundleNamed = async (name, number, wanted) => {
    starts ??= wanted.reduce((places, [, size]) => [...places, places.at(-1) + size], [end]);
    return new Uint8Array(await file.slice(starts[number], starts[number + 1]).arrayBuffer());
  };
  return take(bytes, place, held, { isOurs: false, bundleNamed, onProgress });
}

async function take(bytes, { environment, near }, held, { isOurs, bundleNamed, onProgress }) {
  const isSigned = await isSignedByUs(bytes);
  const isPlain = bytes[0] === 10 && !listKeys.length && isOurs;
  if (!isSigned && !isPlain) throw new NotTaken(headEnd(bytes) ? 'listsUnsigned' : 'listsUnreadable');
  const { lists, bundles } = read(bytes, environment, near);
  if (held.madeAt !== null && lists.madeAt < held.madeAt) throw new NotTaken('listsOlder');
  try {
    await complete(bundles, (name, number) => bundleNamed(name, number, bundles), onProgress);
  } catch (fault) {
    if (fault instanceof NotTaken) throw fault;
    throw new NotTaken(isOurs ? 'listsNotFetched' : 'listsUnsigned');
  }
  await keep(NAME, bytes);
  await dropOthers(bundles);
  await drop(FORMER);
  return lists;
}

/** The first line is a signature (Base64 of r‖s, ES256) over everything below it. */
async function isSignedByUs(bytes) {
  const end = bytes.subarray(0, SIGNATURE_MOST).indexOf(10);
  const line = String.fromCharCode(...bytes.subarray(0, Math.max(end, 0)));
  if (!/^[A-Za-z0-9+/]{86}==$/.test(line)) return false;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  for (const text of listKeys) {
    const key = await crypto.subtle.importKey('spki', fromBase64(text), algorithm, false, ['verify']);
    if (await crypto.subtle.verify({ ...algorithm, hash: 'SHA-256' }, key, fromBase64(line), bytes.subarray(end + 1))) return true;
  }
  return false;
}

/** Where the head ends, by what it says itself; 0 when it is none. */
function headEnd(bytes) {
  const from = bytes.subarray(0, SIGNATURE_MOST).indexOf(10) + 1;
  const isHead = from && bytes.length >= from + 8 && new TextDecoder().decode(bytes.subarray(from, from + 4)) === MAGIC;
  return isHead ? from + 8 + new DataView(bytes.buffer, bytes.byteOffset + from).getUint32(4) : 0;
}

function read(bytes, environment, near) {
  const end = headEnd(bytes);
  if (!end || end !== bytes.length) throw new NotTaken('listsUnreadable');
  const from = bytes.subarray(0, SIGNATURE_MOST).indexOf(10) + 9;
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(from)));
  if (head.form !== FORM) throw new NotTaken('listsUnreadable');
  if (head.environment !== environment) throw new NotTaken('listsOther');
  const { revocations } = head;
  const held = [
    ...head.trust.lists.map((one) => ({ kind: 'trust', name: one.id, asOf: one.asOf, count: one.keys.length })),
    ...revocations.lists.map((one) => ({ kind: 'revocations', name: one.id, asOf: one.asOf, count: null })),
    ...revocations.smart.map((one) => ({ kind: 'revocations', name: one.issuer, asOf: one.asOf, count: null })),
  ];
  const confirm = (...asked) => confirmed(near, ...asked);
  const lists = { madeAt: head.madeAt, listsLast: head.listsLast, trust: new TrustStore(head.trust), revocations: new Revocations(revocations, bundle, confirm), held };
  return { lists, bundles: revocations.bundles };
}

/** Whether the server's whole list has a hash: it is asked for all that begin with the same two bytes, so that it does not
 * learn which certificate was shown. Null when nobody answers in time. */
async function confirmed(near, list, key, value) {
  if (!navigator.onLine) return null;
  const stop = new AbortController();
  const bell = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const [name, of] = [encodeURIComponent(list), encodeURIComponent(key)];
    const answer = await fetch(`${near}${name}/${of}/${hex(value.subarray(0, 2))}`, { signal: stop.signal });
    if (!answer.ok) return null;
    const bytes = new Uint8Array(await answer.arrayBuffer());
    for (let at = 0; at < bytes.length; at += HASH_BYTES) if (value.every((byte, place) => byte === bytes[at + place])) return true;
    return false;
  } catch {
    return null;
  } finally {
    clearTimeout(bell);
  }
}
