/* The lists a verification rests on: fetched when there is a network, taken from a file when there is none, kept in the
 * device's database. Newer ones replace older ones and never the other way round. */
import { fromBase64 } from '../certificate/base64.js';
import { Revocations, unpack } from '../certificate/revocation.js';
import { FORM, TrustStore } from '../certificate/trust.js';
import { keep, kept } from './store.js';
import { listKeys } from './words.js';

const MAGIC = 'OCV1';
const NAME = 'lists';
const PACK_MOST = 512 * 1024 * 1024;
const SIGNATURE_MOST = 256;

/** Why lists were not taken; `word` names the sentence that says it. */
export class NotTaken extends Error {
  constructor(word) {
    super(word);
    this.word = word;
  }
}

/** Until there are lists: nobody is known. */
export const NONE = { madeAt: null, listsLast: 0, sources: [], trust: new TrustStore(), revocations: new Revocations(), held: [] };

/** The lists kept on this device, or NONE. */
export async function keptLists(environment) {
  const bytes = await kept(NAME);
  if (!bytes) return NONE;
  try {
    return read(bytes, environment);
  } catch (fault) {
    if (fault instanceof NotTaken) return NONE;
    throw fault;
  }
}

/** The lists as the server gives them now. */
export async function fetchLists(address, environment, held) {
  const answer = await fetch(address, { cache: 'no-store' });
  if (!answer.ok) throw new NotTaken('listsNotFetched');
  return take(new Uint8Array(await answer.arrayBuffer()), environment, held, { isOurs: true });
}

/** The lists in a file somebody brought: only with a signature this page knows. */
export async function importLists(file, environment, held) {
  if (file.size > PACK_MOST) throw new NotTaken('listsUnreadable');
  return take(new Uint8Array(await file.arrayBuffer()), environment, held, { isOurs: false });
}

async function take(bytes, environment, held, { isOurs }) {
  const isSigned = await isSignedByUs(bytes);
  const isPlain = bytes[0] === 10 && !listKeys.length && isOurs;
  if (!isSigned && !isPlain) throw new NotTaken(bodyOf(bytes) ? 'listsUnsigned' : 'listsUnreadable');
  const found = read(bytes, environment);
  if (held.madeAt !== null && found.madeAt < held.madeAt) throw new NotTaken('listsOlder');
  await keep(NAME, bytes);
  return found;
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

/** What stands below the line with the signature; null when it is no lists. */
function bodyOf(bytes) {
  const from = bytes.subarray(0, SIGNATURE_MOST).indexOf(10) + 1;
  const body = bytes.subarray(from);
  return from && new TextDecoder().decode(body.subarray(0, 4)) === MAGIC ? body : null;
}

function read(bytes, environment) {
  const body = bodyOf(bytes);
  if (!body) throw new NotTaken('listsUnreadable');
  const size = new DataView(body.buffer, body.byteOffset).getUint32(4);
  const head = JSON.parse(new TextDecoder().decode(body.subarray(8, 8 + size)));
  if (head.form !== FORM) throw new NotTaken('listsUnreadable');
  if (head.environment !== environment) throw new NotTaken('listsOther');
  const revoked = unpack(body.subarray(8 + size));
  const held = [
    ...head.trust.lists.map((one) => ({ kind: 'trust', name: one.id, asOf: one.asOf, count: one.keys.length })),
    ...revoked.lists.map((one) => ({ kind: 'revocations', name: one.id, asOf: one.asOf, count: null })),
    ...revoked.smart.map((one) => ({ kind: 'revocations', name: one.issuer, asOf: one.asOf, count: null })),
  ];
  return { madeAt: head.madeAt, listsLast: head.listsLast, trust: new TrustStore(head.trust), revocations: revoked.revocations, held };
}
