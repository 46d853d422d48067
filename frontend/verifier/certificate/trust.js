/* Keys that may vouch for certificates, from the document the server packs (domain/health/verifier_pack.py). */
import { carriedKey } from './carried.js';
import { sameCountry } from './countries.js';
import { TrustedKey } from './keys.js';

// Tried when a certificate names no key.
const MOST_CANDIDATES = 256;
export const FORM = 1;

/** Every key believed in one environment. */
export class TrustStore {
  constructor(document = { environment: 'live', lists: [] }) {
    this.environment = document.environment;
    this.lists = document.lists;
    this.byId = new Map();
    this.byIssuer = new Map();
    const add = (index, name, key) => index.set(name, [...(index.get(name) ?? []), key]);
    for (const list of document.lists) {
      for (const told of list.keys) {
        const key = new TrustedKey(told, told.asOf ?? list.asOf, document.environment);
        for (const name of new Set(key.keyIds)) add(this.byId, `${key.family} ${name}`, key);
        add(this.byIssuer, `${key.family} ${key.issuer || key.country}`, key);
      }
    }
  }

  /** Every key a seal may mean: all that share a key id, or without one all of the issuer (a bounded number). */
  candidates(keyId, { family, seal: { issuer } }) {
    if (!keyId) {
      const name = family === 'smart' ? issuer : sameCountry(issuer);
      return name ? (this.byIssuer.get(`${family} ${name}`) ?? []).slice(0, MOST_CANDIDATES) : [];
    }
    const found = this.byId.get(`${family} ${keyId}`) ?? [];
    return family === 'smart' ? found.filter((key) => key.issuer === issuer) : found;
  }

  /** The key of a certificate a seal brings along, when an authority in the lists signed it. Throws KeyRefused. */
  carried(der) {
    return carriedKey(der, this);
  }
}
