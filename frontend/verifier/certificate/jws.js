/* The envelope of a SMART Health Card: a compact JWS (RFC 7515) with ES256 and a deflated payload. */
import { fromBase64url } from './base64.js';
import { inflateRaw, Undeflatable } from './inflate.js';
import { parseObject } from './json.js';
import { lengthOf, Unreadable } from './values.js';
import { crc32 } from './zip.js';

export const INFLATED_MOST = 256 * 1024;
const JWS_MOST = 64 * 1024;
const HEADER_MOST = 4096;
const KEY_ID_MOST = 256;
const SIGNATURE_BYTES = 64;
const SHAPE = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const FAULTS = { malformed: 'deflate-malformed', truncated: 'deflate-cut-short', 'too-large': 'inflated-too-long' };

export const isCompact = (text) => text.length <= JWS_MOST && SHAPE.test(text);

/** Takes a compact JWS apart; `payload` is inflated JSON. Throws Unreadable. */
export function open(text) {
  const match = text.length <= JWS_MOST ? SHAPE.exec(text) : null;
  if (!match) throw new Unreadable('jws', 'jws-malformed');
  const keyId = keyIdOf(fromBase64url(match[1]));
  const signature = fromBase64url(match[3]);
  if (signature.length !== SIGNATURE_BYTES) throw new Unreadable('signature', 'signature-length');
  const message = new TextEncoder().encode(`${match[1]}.${match[2]}`);
  return { keyId, payload: inflate(fromBase64url(match[2])), message, signature };
}

function inflate(data) {
  try {
    const { bytes, used } = inflateRaw(data, INFLATED_MOST);
    if (used < data.length && !isEndOfGzip(data.subarray(used), bytes)) throw new Unreadable('compression', 'deflate-trailing-bytes');
    return bytes;
  } catch (fault) {
    if (fault instanceof Undeflatable) throw new Unreadable('compression', FAULTS[fault.fault]);
    throw fault;
  }
}

/** Issuers in earnest cut off the beginning of a gzip file only (RFC 1952 section 2.3.1). */
function isEndOfGzip(rest, content) {
  if (rest.length !== 8) return false;
  const view = new DataView(rest.buffer, rest.byteOffset, rest.length);
  return view.getUint32(0, true) === crc32(content) && view.getUint32(4, true) === content.length;
}

function keyIdOf(header) {
  const fields = parseObject(header, { most: HEADER_MOST, layer: 'jws' });
  if (fields.get('alg') !== 'ES256') throw new Unreadable('jws', 'algorithm-not-allowed');
  if (fields.get('zip') !== 'DEF') throw new Unreadable('jws', 'zip-not-def');
  if (fields.has('crit') || fields.has('b64')) throw new Unreadable('jws', 'header-not-understood');
  const keyId = fields.get('kid');
  if (typeof keyId !== 'string' || !keyId || lengthOf(keyId) > KEY_ID_MOST) throw new Unreadable('jws', 'key-id-absent');
  return keyId;
}
