/* A key that may vouch for certificates. */
import { fromBase64 } from './base64.js';
import { sameCountry } from './countries.js';

/** A public key somebody answers for, and what it may be used for. Instants are seconds since 1970 or null. */
export class TrustedKey {
  constructor(told, asOf, environment) {
    Object.assign(this, told);
    this.asOf = asOf;
    this.environment = environment;
    this.spki = told.spki instanceof Uint8Array ? told.spki : fromBase64(told.spki);
  }

  /** The key as WebCrypto wants it; made once. */
  imported(algorithm) {
    this.made ??= crypto.subtle.importKey('spki', this.spki, algorithm, false, ['verify']);
    return this.made;
  }

  /** Whether a certificate that names `country` may bear this key's signature. */
  isOf(country) {
    const plain = sameCountry(country);
    if (!this.country || plain === this.country) return true;
    return this.environment === 'test' && Boolean(plain) && plain === this.certificateCountry;
  }

  /** Why it is not valid at `now` (seconds); "" when it is. */
  faultAt(now) {
    if (this.notBefore !== null && now < this.notBefore) return 'key-not-yet-valid';
    if (this.notAfter !== null && now > this.notAfter) return 'key-expired';
    if (this.authorityNotBefore !== null && now < this.authorityNotBefore) return 'authority-not-yet-valid';
    if (this.authorityNotAfter !== null && now > this.authorityNotAfter) return 'authority-expired';
    return '';
  }
}
