/* The key of a certificate that a visible digital seal brings along, when an authority in the lists signed it. */
import { fromBase64 } from './base64.js';
import { isForTests, sameCountry } from './countries.js';
import { TrustedKey } from './keys.js';
import { hex } from './values.js';
import { isSignedBy, readCertificate } from './x509.js';

// Authorities that may stand for one name: renewals keep the name and change the key.
const TRIED_MOST = 16;
const MAY_SIGN = 0x80 | 0x40;
const KINDS = { 1: 'test', 2: 'vaccination', 3: 'recovery' };
const ARCS = ['1.3.6.1.4.1.1847.2021.1.', '1.3.6.1.4.1.0.1847.2021.1.'];
const ALGORITHMS = { 'P-256': ['ES256'], 'P-384': ['ES384'] };

/** Why a key is not believed; `code` is the verdict's reason. */
export class KeyRefused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** The key in the certificate `der`. Throws KeyRefused, with "chain-missing" when no authority by that name is known. */
export async function carriedKey(der, store) {
  const read = readCertificate(der);
  if (!read) throw new KeyRefused('certificate-unreadable');
  for (const list of store.lists) {
    const authority = await signerIn(list, read);
    if (authority?.revoked?.includes(read.serial)) throw new KeyRefused('signer-revoked');
    if (authority) return trusted(read, authority, list, store.environment);
  }
  throw new KeyRefused('chain-missing');
}

async function signerIn(list, read) {
  const possible = list.authorities.filter((one) => isPossible(one, read)).slice(0, TRIED_MOST);
  if (!possible.length) return null;
  const signers = [];
  for (const one of possible) {
    const isTooDeep = read.isAuthority && one.pathLength === 0 && hex(fromBase64(one.subject)) !== read.subject;
    if (!isTooDeep && (await isSignedBy(read, new TrustedKey(one, list.asOf, '')))) signers.push(one);
  }
  // Browsers have no Brainpool curves, on which some authorities are.
  if (!signers.length) throw new KeyRefused(possible.some(isForeign) ? 'authority-curve' : 'chain-signature');
  const wanted = sameCountry(read.country);
  const found = signers.find((one) => !one.country || !wanted || wanted === one.country);
  if (!found) throw new KeyRefused('chain-country');
  return found;
}

/** By key identifier where both have one: renewed authorities share a name. */
function isPossible(authority, { issuer, authorityKeyIdentifier: named }) {
  if (named && authority.keyIdentifier === named) return true;
  return hex(fromBase64(authority.subject)) === issuer && (!named || !authority.keyIdentifier);
}

const isForeign = ({ type }) => type !== 'RSA' && !type.startsWith('P-');

function trusted(read, authority, list, environment) {
  const country = sameCountry(read.country);
  if (environment === 'live' && isForTests(read.country)) throw new KeyRefused('test-country');
  if (read.keyUsage !== null && !(read.keyUsage & MAY_SIGN)) throw new KeyRefused('key-usage-not-signing');
  const named = (read.purposes ?? []).flatMap((purpose) => ARCS.filter((arc) => purpose.startsWith(arc)).map((arc) => KINDS[purpose.slice(arc.length)]));
  const kinds = named.filter(Boolean);
  const algorithms = ALGORITHMS[read.type] ?? [];
  const told = {
    keyIds: [''],
    family: 'vds-nc',
    country,
    certificateCountry: country,
    issuer: '',
    algorithms,
    formats: ['vds-nc'],
    kinds: kinds.length ? kinds : Object.values(KINDS),
    notBefore: read.notBefore,
    notAfter: read.notAfter,
    authorityNotBefore: authority.notBefore,
    authorityNotAfter: authority.notAfter,
    refused: algorithms.length ? '' : read.type === 'RSA' ? 'key-type-not-allowed' : 'curve-not-allowed',
    type: read.type,
    bits: read.bits,
    spki: read.spki,
  };
  return new TrustedKey(told, list.asOf, environment);
}
