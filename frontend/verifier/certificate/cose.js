/* COSE_Sign1 (RFC 9052 section 4.2). The algorithm stands in the protected header, else the one in the unprotected header is
 * taken and noted: every key has one algorithm only, so it decides nothing. The key identifier may stand in either, and the
 * protected one wins (HCERT section 3.3.1). */
import * as cbor from './cbor.js';
import { PROTECTED_MOST, SIGNATURE_MOST } from './limits.js';
import { hex, isMap, isMissing, Unreadable } from './values.js';

const [ALGORITHM, CRITICAL, CONTENT_TYPE, KEY_ID] = [1, 2, 3, 4];
const ALGORITHMS = new Map([[-7, 'ES256'], [-35, 'ES384'], [-37, 'PS256']]);
const CONTEXT = new Uint8Array([0x84, 0x6a, ...new TextEncoder().encode('Signature1')]);

const structure = () => new Unreadable('cose', 'cose-structure');

/** Takes COSE_Sign1 apart, tagged 18, tagged 61(18) or untagged. Throws Unreadable with layer "cose" or "cbor". */
export function read(message) {
  const parts = cbor.read(untagged(message));
  if (!Array.isArray(parts) || parts.length !== 4) throw structure();
  const [protectedHeader, unprotected, payload, signature] = parts;
  for (const part of [protectedHeader, payload, signature]) if (!(part instanceof Uint8Array)) throw structure();
  if (!isMap(unprotected)) throw structure();
  if (protectedHeader.length > PROTECTED_MOST || signature.length > SIGNATURE_MOST) throw new Unreadable('cose', 'cose-too-large');
  let { algorithm, fault, keyId } = header(protectedHeader);
  const notes = [];
  if (unprotected.size) {
    const other = keyIdIn(unprotected);
    if (other && other !== keyId) notes.push(keyId ? 'key-ids-differ' : 'key-id-unprotected');
    keyId ||= other;
    if (fault === 'algorithm-missing' && !isMissing(unprotected.get(ALGORITHM))) {
      algorithm = ALGORITHMS.get(unprotected.get(ALGORITHM)) ?? '';
      fault = algorithm ? '' : 'algorithm-unknown';
      notes.push('algorithm-unprotected');
    }
    if (fault === 'algorithm-missing' && !isMissing(unprotected.get(ALGORITHM))) {
      algorithm = ALGORITHMS.get(unprotected.get(ALGORITHM)) ?? '';
      fault = algorithm ? '' : 'algorithm-unknown';
      notes.push('algorithm-unprotected');
    }
  }
  return { payload, signature, algorithm, fault, keyId, notes, message: toBeSigned(protectedHeader, payload) };
}

function untagged(message) {
  const outer = tagSize(message, 61);
  const inside = message.subarray(outer);
  const inner = tagSize(inside, 18);
  if (outer && !inner) throw new Unreadable('cose', 'cose-tag');
  return inside.subarray(inner);
}

/** How many bytes at the start are `tag`, in any length of writing it; 0 when they are something else. */
function tagSize(message, tag) {
  if (!message.length || message[0] >> 5 !== 6) return 0;
  const short = message[0] & 31;
  if (short < 24) return short === tag ? 1 : 0;
  if (short > 27) return 0;
  const size = 1 + (1 << (short - 24));
  if (message.length < size) return 0;
  const isTag = message[size - 1] === tag && message.subarray(1, size - 1).every((byte) => byte === 0);
  return isTag ? size : 0;
}

function header(bytes) {
  const found = bytes.length ? cbor.read(bytes) : new Map();
  if (!isMap(found)) throw new Unreadable('cose', 'cose-header');
  if (found.has(CRITICAL)) demandUnderstood(found.get(CRITICAL), found);
  const number = found.get(ALGORITHM);
  if (isMissing(number)) return { algorithm: '', fault: 'algorithm-missing', keyId: keyIdIn(found) };
  const algorithm = ALGORITHMS.get(number) ?? '';
  return { algorithm, fault: algorithm ? '' : 'algorithm-unknown', keyId: keyIdIn(found) };
}

/** RFC 9052 section 3.1: what is marked critical must be present and understood, or the message refused. */
function demandUnderstood(critical, found) {
  const understood = [ALGORITHM, CRITICAL, CONTENT_TYPE, KEY_ID];
  const isFine = Array.isArray(critical) && critical.length && critical.every((label) => understood.includes(label) && found.has(label));
  if (!isFine) throw new Unreadable('cose', 'cose-critical');
}

function keyIdIn(found) {
  const keyId = found.get(KEY_ID);
  if (isMissing(keyId)) return '';
  if (!(keyId instanceof Uint8Array)) throw new Unreadable('cose', 'key-id-type');
  return hex(keyId);
}

/** The Sig_structure (RFC 9052 section 4.4). An empty protected header counts as no bytes, however it was sent. */
function toBeSigned(protectedHeader, payload) {
  const isEmpty = protectedHeader.length === 1 && protectedHeader[0] === 0xa0;
  const parts = [isEmpty ? new Uint8Array() : protectedHeader, new Uint8Array(), payload];
  return new Uint8Array([...CONTEXT, ...parts.flatMap((part) => [...length(part.length), ...part])]);
}

function length(count) {
  if (count < 24) return [0x40 + count];
  if (count < 0x100) return [0x58, count];
  if (count < 0x10000) return [0x59, count >> 8, count & 255];
  return [0x5a, count >>> 24, (count >> 16) & 255, (count >> 8) & 255, count & 255];
}
