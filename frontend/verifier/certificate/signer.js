/* Which trusted key made a seal, if any. */
import { KeyRefused } from './carried.js';
import { keyFindings } from './findings.js';
import { KEY_ID_BYTES } from './limits.js';
import * as seals from './seals.js';
import { hex } from './values.js';

/** { key, reason, isForged }: without a key, why, and whether keys of that name were there and did not fit. */
export async function signerOf(presented, terms, trust, now) {
  const unnamed = keyIdFault(presented);
  if (unnamed) return { key: null, reason: unnamed, isForged: false };
  let candidates;
  try {
    candidates = await candidatesFor(presented, trust);
  } catch (refused) {
    if (refused instanceof KeyRefused) return { key: null, reason: refused.code, isForged: false };
    throw refused;
  }
  let reason = '';
  const found = [];
  for (const key of candidates) {
    const fault = key.refused || (await seals.fault(presented.seal, key)) || (key.algorithms.includes(presented.seal.algorithm) ? '' : 'algorithm-not-of-key');
    if (fault) reason ||= fault;
    else found.push(key);
  }
  if (!found.length) return reason ? { key: null, reason, isForged: true } : { key: null, reason: 'key-unknown', isForged: false };
  // The same key in several lists: the one least limited is taken.
  const faults = (key) => keyFindings(presented, terms, key, now).filter((finding) => finding.state).length;
  return { key: found.reduce((best, key) => (faults(key) < faults(best) ? key : best)), reason: '', isForged: false };
}

/** Keys of that name; else the one in a certificate the seal carries, if a known authority signed that. */
async function candidatesFor(presented, trust) {
  const { seal } = presented;
  const keyIds = seal.certificate ? [await nameOf(seal.certificate)] : seal.keyIds.length ? seal.keyIds : [''];
  const known = keyIds.flatMap((keyId) => trust.candidates(keyId, presented));
  return known.length || !seal.certificate ? known : [await trust.carried(seal.certificate)];
}

export async function nameOf(certificate) {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', certificate)).subarray(0, 8));
}

/** An HCERT names its key by exactly eight bytes. */
function keyIdFault({ family, seal }) {
  if (family !== 'hcert') return '';
  if (!seal.keyIds.length) return 'key-id-missing';
  return seal.keyIds.every((keyId) => keyId.length === 2 * KEY_ID_BYTES) ? '' : 'key-id-length';
}
