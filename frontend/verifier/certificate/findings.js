/* What was found for each thing looked at, and the state it leads to when it is bad. */
import { isForTests } from './countries.js';
import { Unreadable } from './values.js';

export const CHECKS = ['format', 'signature', 'issuer', 'key-usage', 'key-validity', 'validity', 'revocation', 'content'];

export const passed = (name, asOf = null) => ({ check: { name, outcome: 'passed', reason: '', asOf }, state: '', layer: '' });
export const unlooked = (name, reason, asOf = null, state = '') => ({ check: { name, outcome: 'not-checked', reason, asOf }, state, layer: '' });
export const failed = (name, state, reason, { layer = '', asOf = null } = {}) => ({ check: { name, outcome: 'failed', reason, asOf }, state, layer });

/** No trusted key made the signature: either none is known, or none of those known fits. */
export const signatureFinding = (reason, isForged) =>
  isForged ? failed('signature', 'broken', reason, { layer: 'signature' }) : unlooked('signature', reason, null, 'unknown-issuer');

/** Issuer, key usage and key validity of a certificate signed with `key`. `now` is in seconds. */
export const keyFindings = (presented, terms, key, now) => [issuer(terms, key), usage(presented, key), keyValidity(terms, key, now)];

/** The country that signed and the country named must be one (HCERT section 3.3.2, governance 4.2). */
function issuer(terms, key) {
  const { asOf } = key;
  if (!terms) return unlooked('issuer', 'not-readable');
  if (!terms.issuerCountry) return unlooked('issuer', 'issuer-not-stated', asOf);
  if (!key.country) return unlooked('issuer', 'list-names-no-country', asOf);
  if (key.isOf(terms.issuerCountry)) return passed('issuer', asOf);
  if (key.environment === 'test' && (isForTests(terms.issuerCountry) || isForTests(key.country))) return unlooked('issuer', 'issuer-invented-for-tests', asOf);
  return failed('issuer', 'unknown-issuer', 'issuer-differs', { asOf });
}

function usage(presented, key) {
  const { asOf } = key;
  if (!key.formats.includes(presented.format)) return failed('key-usage', 'wrong-key-usage', 'trust-domain', { asOf });
  let kinds;
  try {
    kinds = presented.kinds();
  } catch (fault) {
    if (fault instanceof Unreadable) return unlooked('key-usage', 'not-readable', asOf);
    throw fault;
  }
  if (!kinds.every((kind) => key.kinds.includes(kind))) return failed('key-usage', 'wrong-key-usage', 'key-usage', { asOf });
  return passed('key-usage', asOf);
}

/** Valid now, and when it was used: nobody signed with a key before it was made. */
function keyValidity(terms, key, now) {
  const { asOf } = key;
  const fault = key.faultAt(now);
  if (fault) return failed('key-validity', fault.endsWith('not-yet-valid') ? 'not-yet-valid' : 'expired', fault, { asOf });
  const isBefore = terms && terms.issuedAt !== null && key.notBefore !== null && terms.issuedAt < key.notBefore;
  return isBefore ? failed('key-validity', 'broken', 'issued-before-key', { layer: 'claims', asOf }) : passed('key-validity', asOf);
}
