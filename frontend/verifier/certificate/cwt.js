/* The CBOR Web Token inside an HCERT (RFC 8392, HCERT section 3.3.2): who issued it, when, until when, and what. */
import * as cbor from './cbor.js';
import { INSTANT_MOST } from './limits.js';
import { isMap, Real, Unreadable } from './values.js';

export const [ISSUER, EXPIRES, NOT_BEFORE, ISSUED] = [1, 4, 5, 6];
export const HEALTH_CLAIM = -260;

/** Claims of a token; instants in seconds since 1970, null where absent. */
export function read(payload) {
  const claims = cbor.read(payload);
  if (!isMap(claims)) throw new Unreadable('claims', 'claims-structure');
  const issuer = claims.has(ISSUER) ? claims.get(ISSUER) : '';
  if (typeof issuer !== 'string') throw new Unreadable('claims', 'issuer-type');
  return {
    issuer,
    expiresAt: instant(claims, EXPIRES),
    notBefore: instant(claims, NOT_BEFORE),
    issuedAt: instant(claims, ISSUED),
    everything: claims,
  };
}

/** A NumericDate: seconds, whole or not, without a tag (RFC 8392 section 2). Milliseconds are refused. */
function instant(claims, number) {
  if (!claims.has(number)) return null;
  const found = claims.get(number);
  const value = found instanceof Real ? found.value : found;
  if (typeof value === 'number' && value >= 0 && value <= INSTANT_MOST) return value;
  throw new Unreadable('claims', 'instant');
}
