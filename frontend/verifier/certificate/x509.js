/* What a verifier needs of a signer's certificate (RFC 5280), and whether an authority signed it. */
import { bits, children, element, oid, time, Undecodable } from './der.js';
import { hex } from './values.js';

const CERTIFICATE_MOST = 16 * 1024;
const CURVES = { '1.2.840.10045.3.1.7': ['P-256', 256], '1.3.132.0.34': ['P-384', 384], '1.3.132.0.35': ['P-521', 521] };
const HALVES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };
const HASHES = { '2.16.840.1.101.3.4.2.1': 'SHA-256', '2.16.840.1.101.3.4.2.2': 'SHA-384', '2.16.840.1.101.3.4.2.3': 'SHA-512' };
const SCHEMES = {
  '1.2.840.10045.4.3.2': ['ECDSA', 'SHA-256'],
  '1.2.840.10045.4.3.3': ['ECDSA', 'SHA-384'],
  '1.2.840.10045.4.3.4': ['ECDSA', 'SHA-512'],
  '1.2.840.113549.1.1.11': ['RSASSA-PKCS1-v1_5', 'SHA-256'],
  '1.2.840.113549.1.1.12': ['RSASSA-PKCS1-v1_5', 'SHA-384'],
  '1.2.840.113549.1.1.13': ['RSASSA-PKCS1-v1_5', 'SHA-512'],
};
const PSS = '1.2.840.113549.1.1.10';
const [COUNTRY, EC] = ['2.5.4.6', '1.2.840.10045.2.1'];
const EXTENSIONS = { '2.5.29.15': 'keyUsage', '2.5.29.37': 'purposes', '2.5.29.35': 'authorityKeyIdentifier', '2.5.29.14': 'keyIdentifier', '2.5.29.19': 'basic' };

/** A certificate taken apart; null when it cannot be read. */
export function readCertificate(der) {
  try {
    return der.length > CERTIFICATE_MOST ? null : facts(der);
  } catch (fault) {
    if (fault instanceof Undecodable || fault instanceof TypeError) return null;
    throw fault;
  }
}

function facts(der) {
  const outer = element(der);
  if (outer.end !== der.length || outer.tag !== 0x30) throw new Undecodable();
  const [body, algorithm, signature] = children(outer);
  const parts = children(body);
  if (parts[0].tag === 0xa0) parts.shift();
  const [serial, , issuer, validity, subject, spki, ...rest] = parts;
  const [begins, ends] = children(validity).map(time);
  return {
    signed: body.whole,
    algorithm,
    signature: bits(signature),
    serial: hex(serial.inside).replace(/^0+/, ''),
    issuer: hex(issuer.whole),
    subject: hex(subject.whole),
    country: countryOf(subject),
    notBefore: begins,
    notAfter: ends,
    ...keyOf(spki),
    ...extensions(rest.find((one) => one.tag === 0xa3)),
  };
}

function countryOf(subject) {
  for (const set of children(subject)) {
    for (const pair of children(set)) {
      const [type, value] = children(pair);
      if (oid(type) === COUNTRY) return new TextDecoder().decode(value.inside).slice(0, 16);
    }
  }
  return '';
}

function keyOf(spki) {
  const [kind] = children(spki);
  const [name, parameters] = children(kind);
  if (oid(name) !== EC) return { type: 'RSA', bits: 0, spki: spki.whole };
  const [type, size] = CURVES[oid(parameters)] ?? ['other', 0];
  return { type, bits: size, spki: spki.whole };
}

function extensions(wrapper) {
  const found = { keyUsage: null, purposes: null, authorityKeyIdentifier: '', keyIdentifier: '', isAuthority: false };
  if (!wrapper) return found;
  const seen = new Set();
  for (const one of children(children(wrapper)[0])) {
    const parts = children(one);
    const name = oid(parts[0]);
    if (seen.has(name)) throw new Undecodable();
    seen.add(name);
    const kind = EXTENSIONS[name];
    const value = kind ? element(parts.at(-1).inside) : null;
    if (kind === 'keyUsage') found.keyUsage = bits(value)[0] ?? 0;
    if (kind === 'purposes') found.purposes = children(value).map(oid);
    if (kind === 'keyIdentifier') found.keyIdentifier = hex(value.inside);
    if (kind === 'authorityKeyIdentifier') found.authorityKeyIdentifier = hex(children(value).find((part) => part.tag === 0x80)?.inside ?? []);
    if (kind === 'basic') found.isAuthority = children(value)[0]?.tag === 1 && children(value)[0].inside[0] !== 0;
  }
  return found;
}

/** Whether the key (TrustedKey) of an authority made a certificate's signature. */
export async function isSignedBy(certificate, authority) {
  try {
    const [scheme, hash, saltLength] = schemeOf(certificate.algorithm);
    if ((scheme === 'ECDSA') !== (authority.type !== 'RSA')) return false;
    const key = await authority.imported(scheme === 'ECDSA' ? { name: scheme, namedCurve: authority.type } : { name: scheme, hash });
    const signature = scheme === 'ECDSA' ? rawOf(certificate.signature, HALVES[authority.type]) : certificate.signature;
    return await crypto.subtle.verify({ name: scheme, hash, saltLength }, key, signature, certificate.signed);
  } catch (fault) {
    if (fault instanceof Undecodable || fault instanceof TypeError || fault instanceof DOMException) return false;
    throw fault;
  }
}

function schemeOf(algorithm) {
  const [name, parameters] = children(algorithm);
  if (oid(name) !== PSS) {
    if (!Object.hasOwn(SCHEMES, oid(name))) throw new Undecodable();
    return SCHEMES[oid(name)];
  }
  const told = Object.fromEntries(children(parameters).map((one) => [one.tag & 31, children(one)[0]]));
  const hash = HASHES[oid(children(told[0])[0])];
  if (!hash) throw new Undecodable();
  return ['RSA-PSS', hash, told[2] ? told[2].inside.reduce((sum, byte) => sum * 256 + byte, 0) : 20];
}

/** r‖s of an ECDSA-Sig-Value (RFC 3279 section 2.2.3). */
function rawOf(signature, half) {
  const raw = new Uint8Array(2 * half);
  const numbers = children(element(signature));
  numbers.slice(0, 2).forEach(({ inside }, index) => {
    const number = inside[0] === 0 ? inside.subarray(1) : inside;
    if (number.length > half) throw new Undecodable();
    raw.set(number, (index + 1) * half - number.length);
  });
  return raw;
}
