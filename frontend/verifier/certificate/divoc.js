/* DIVOC certificates (India, Philippines, Sri Lanka, Indonesia ...): W3C credentials in JSON-LD, often zipped. Their
 * signature covers vocabularies that would have to be fetched: such a certificate is read, and vouches for nothing. */
import { fromBase64 } from './base64.js';
import { coded, entryOf, holderOf, latest } from './certificates.js';
import { isDate, moment } from './dates.js';
import { parseObject } from './json.js';
import { isInteger, isMap, isMissing, lengthOf, Real, Unreadable } from './values.js';
import { unzip } from './zip.js';

const TEXT_MOST = 16 * 1024;
const INFLATED_MOST = 64 * 1024;
const EVIDENCE_MOST = 50;
const PREFIX = 'B64:';
const TYPES = { ProofOfVaccinationCredential: 'vaccination', ProofOfTestCredential: 'test', ProofOfRecoveryCredential: 'recovery' };
const EVIDENCE = { Vaccination: 'vaccination', Test: 'test', Recovery: 'recovery' };
const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

const refuse = (code) => new Unreadable('schema', code);

export function looksLike(text) {
  if (text.startsWith(PREFIX) || text.startsWith('PK\x03\x04')) return true;
  return text.slice(0, 64).trimStart().startsWith('{') && text.slice(0, 4096).includes('"@context"');
}

/** A credential from the text of a QR code. Throws Unreadable. No address in it is ever followed. */
export function read(text) {
  if (lengthOf(text) > TEXT_MOST) throw new Unreadable('text', 'text-too-long');
  const claims = parseObject(content(text, text.replace(/\r?\n?$/, '')), { most: INFLATED_MOST });
  const proof = claims.get('proof');
  if (!claims.has('@context') || !(isMap(proof) || Array.isArray(proof))) throw new Unreadable('json', 'not-a-credential');
  let made = null;
  const certificate = () => (made ??= certificateOf(claims));
  return {
    format: 'divoc',
    family: 'divoc',
    unchecked: 'signature-needs-remote-contexts',
    get terms() {
      const { issuedAt, validFrom, expiresAt } = certificate();
      return { issuerCountry: '', issuedAt, notBefore: validFrom, expiresAt, endsWithExpiry: false };
    },
    content: () => ({ happenedOn: latest(certificate().entries.map((entry) => entry.happenedOn)), firstDay: '', lastDay: '', doubt: '' }),
    certificate,
  };
}

function content(text, line) {
  if (line.startsWith(PREFIX)) return unzip(fromStrictBase64(line.slice(PREFIX.length)), INFLATED_MOST);
  if (!text.startsWith('PK\x03\x04')) return new TextEncoder().encode(line);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) > 255) throw new Unreadable('text', 'bytes-expected');
    bytes[at] = text.charCodeAt(at);
  }
  return unzip(bytes, INFLATED_MOST);
}

function fromStrictBase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) throw new Unreadable('text', 'base64-malformed');
  return fromBase64(text);
}

function certificateOf(claims) {
  const types = claims.get('type');
  const names = Array.isArray(types) ? types : [types];
  const kinds = names.filter((name) => typeof name === 'string' && Object.hasOwn(TYPES, name));
  if (!names.includes('VerifiableCredential') || kinds.length !== 1) throw refuse('credential-type-unknown');
  const subject = object(claims.get('credentialSubject'));
  const evidence = claims.get('evidence');
  if (!Array.isArray(evidence) || !evidence.length || evidence.length > EVIDENCE_MOST) throw refuse('evidence-absent');
  const issuer = claims.get('issuer');
  const issuedAt = instant(claims.get('issuanceDate'));
  const holder = holderFrom(subject);
  const entries = evidence.map((one) => entry(object(one), TYPES[kinds[0]]));
  const context = claims.get('@context');
  const last = Array.isArray(context) ? context.at(-1) : context;
  return {
    format: 'divoc', version: typeof last === 'string' ? last : '', holder, entries, issuerCountry: '',
    issuer: text(isMap(issuer) ? issuer.get('id') : issuer), issuedAt, validFrom: issuedAt,
    expiresAt: instant(claims.get('expirationDate')), claims, notes: [],
  };
}

/** `id` is a "did:" with the kind and number of a document. Most credentials give an age and no date of birth. */
function holderFrom(subject) {
  const name = text(subject.get('name'));
  if (!name) throw refuse('name-absent');
  const id = text(subject.get('id')).replace(/^did:/, '');
  const cut = id.lastIndexOf(':');
  const bornOn = text(subject.get('dob') || subject.get('dateOfBirth'));
  return holderOf({
    fullName: name,
    bornOn: MOMENT.test(bornOn) ? bornOn : '',
    sex: text(subject.get('gender') || subject.get('sex')),
    documentNumber: id.slice(cut + 1),
    documentType: cut < 0 ? '' : id.slice(0, cut),
    nationality: text(subject.get('nationality')),
  });
}

function entry(evidence, given) {
  const types = evidence.get('type');
  const names = Array.isArray(types) ? types : [types];
  const kind = names.reduce((found, name) => (Object.hasOwn(EVIDENCE, String(name)) ? EVIDENCE[name] : found), given);
  const facility = object(evidence.get('facility'));
  const code = (...keys) => coded(text(keys.map((key) => evidence.get(key)).find(Boolean) ?? evidence.get(keys.at(-1))));
  return entryOf({
    kind,
    identifier: text(evidence.get('certificateId')),
    disease: coded('', '', text(evidence.get('disease'))),
    vaccine: code('icd11Code', 'prophylaxis'),
    product: coded('', '', text(evidence.get('vaccine'))),
    maker: coded('', '', text(evidence.get('manufacturer'))),
    batch: text(evidence.get('batch')),
    dose: count(evidence.get('dose')),
    doses: count(evidence.get('totalDoses')),
    happenedOn: day(evidence.get('date') || evidence.get('sampleCollectionTimestamp')),
    validFrom: day(evidence.get('effectiveStart')),
    validUntil: day(evidence.get('effectiveUntil')),
    country: text(object(facility.get('address')).get('addressCountry')),
    place: text(facility.get('name')),
    clinician: text(object(evidence.get('verifier')).get('name')),
    testType: code('testType'),
    result: code('testResult', 'result'),
  });
}

/** A day or an instant; some issuers write a day in the basic format of ISO 8601. */
function day(value) {
  let found = text(value);
  if (/^\d{8}$/.test(found)) found = `${found.slice(0, 4)}-${found.slice(4, 6)}-${found.slice(6)}`;
  if (found && !(MOMENT.test(found) && isDate(found.slice(0, 10)))) throw refuse('date-malformed');
  return found;
}

function instant(value) {
  const found = day(value);
  if (!found) return null;
  const seconds = moment(found);
  if (seconds === null) throw refuse('date-malformed');
  return seconds;
}

/** A number of doses; what is none is left out, since nothing here is vouched for. */
function count(given) {
  const value = typeof given === 'string' && /^\d{1,2}$/.test(given) ? Number(given) : given;
  return typeof value === 'number' && value >= 0 && value < 1000 ? value : null;
}

function object(value) {
  if (isMissing(value)) return new Map();
  if (!isMap(value)) throw refuse('object-expected');
  return value;
}

function text(value) {
  if (isMissing(value)) return '';
  if (isInteger(value)) return String(value);
  if (value instanceof Real) return String(value.value);
  if (typeof value !== 'string') throw refuse('text-expected');
  return value;
}
