/* Visible Digital Seals for Non-Constrained environments (ICAO VDS-NC 1.4): one JSON object of `data` and `sig`; signed
 * is `data` in canonical form. */
import { fromBase64 } from './base64.js';
import { coded, entryOf, holderOf, latest } from './certificates.js';
import { isDate, isPartialDate } from './dates.js';
import { canonical } from './jcs.js';
import { parseObject } from './json.js';
import { isInteger, isMap, isMissing, Unreadable } from './values.js';

const TEXT_MOST = 16 * 1024;
const CERTIFICATE_MOST = 8 * 1024;
const EVENTS_MOST = 100;
const ICD_11 = 'http://id.who.int/icd/release/11/mms';
const KINDS = { 'icao.test': 'test', 'icao.vacc': 'vaccination' };
const SIGNATURE_BYTES = { ES256: 64, ES384: 96 };
const DAY = /^\d{4}-\d\d-\d\d$/;
const BORN = /^\d{4}(-(\d\d|XX)(-(\d\d|XX))?)?$/;
const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

const refuse = (code) => new Unreadable('schema', code);

/** Whether a text is JSON with the two parts of a seal near its beginning. */
export function looksLike(text) {
  const head = text.slice(0, 4096).trimStart();
  return head.startsWith('{') && head.includes('"hdr"') && head.includes('"data"');
}

/** A seal from the text of a QR code. A line break at the end is overlooked. Throws Unreadable. */
export function read(text) {
  const whole = parseObject(text.replace(/\r?\n?$/, ''), { most: TEXT_MOST });
  const [data, signature] = [whole.get('data'), whole.get('sig')];
  if (!isMap(data) || !isMap(signature)) throw new Unreadable('json', 'seal-parts-absent');
  const { kind, issuer } = checkHeader(data.get('hdr'));
  if (!isMap(data.get('msg'))) throw refuse('message-absent');
  const seal = sealOf(data, signature, issuer);
  let made = null;
  const certificate = () => (made ??= certificateOf(data, kind));
  return {
    format: 'vds-nc',
    family: 'vds-nc',
    seal,
    get terms() {
      return { issuerCountry: certificate().issuerCountry, issuedAt: null, notBefore: null, expiresAt: null, endsWithExpiry: false };
    },
    kinds: () => [KINDS[kind]],
    content: () => ({ happenedOn: latest(certificate().entries.map((entry) => entry.happenedOn)), firstDay: '', lastDay: '', doubt: '' }),
    certificate,
  };
}

function checkHeader(header) {
  if (!isMap(header)) throw refuse('header-absent');
  const [kind, version, issuer] = ['t', 'v', 'is'].map((name) => header.get(name));
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) throw refuse('seal-type-unknown');
  if (version !== 1) throw refuse('seal-version-unknown');
  if (typeof issuer !== 'string' || !/^(?:[A-Z]{3}|D)$/.test(issuer)) throw refuse('issuer-malformed');
  return { kind, issuer };
}

function sealOf(data, signature, issuer) {
  const algorithm = signature.get('alg');
  if (typeof algorithm !== 'string' || !Object.hasOwn(SIGNATURE_BYTES, algorithm)) throw new Unreadable('signature', 'algorithm-not-allowed');
  const raw = decode(signature.get('sigvl'), 'signature-malformed');
  if (raw.length !== SIGNATURE_BYTES[algorithm]) throw new Unreadable('signature', 'signature-length');
  const certificate = decode(signature.get('cer'), 'signer-certificate-absent');
  if (certificate.length > CERTIFICATE_MOST) throw new Unreadable('signature', 'signer-certificate-too-long');
  const message = new TextEncoder().encode(canonical(data));
  return { algorithm, message, signature: raw, keyIds: [], issuer, certificate };
}

/** Base64url; published seals come with padding, without, and mixed. */
function decode(value, code) {
  const bytes = typeof value === 'string' && /^[A-Za-z0-9_-]+={0,2}$/.test(value) ? fromBase64(value) : null;
  if (!bytes) throw new Unreadable('signature', code);
  return bytes;
}

function certificateOf(data, kind) {
  const [header, message] = [data.get('hdr'), data.get('msg')];
  const isTest = kind === 'icao.test';
  const identifier = text(message, isTest ? 'utci' : 'uvci', true);
  const person = part(message, 'pid');
  const entries = isTest ? [test(message, identifier)] : vaccinations(message, identifier);
  return {
    format: 'vds-nc', version: `${kind}/1`, holder: holder(person), entries, issuerCountry: header.get('is'), issuer: '',
    issuedAt: null, validFrom: null, expiresAt: null, claims: data, notes: [],
  };
}

/** Two blanks part the primary identifier from the secondary ones, as "<<" does in Doc 9303-3 section 4.6. */
function holder(person) {
  const name = text(person, 'n', true);
  const at = name.indexOf('  ');
  const number = text(person, 'i') || text(person, 'dn');
  const bornOn = text(person, 'dob');
  if (bornOn && !(BORN.test(bornOn) && isPartialDate(bornOn.replaceAll('XX', '01')))) throw refuse('date-malformed');
  if (!bornOn && !number && !text(person, 'ai')) throw refuse('holder-not-identified');
  return holderOf({
    familyName: at < 0 ? '' : name.slice(0, at),
    givenName: at < 0 ? '' : name.slice(at + 2).trim(),
    fullName: name,
    bornOn: bornOn.split('-XX')[0],
    sex: text(person, 'sex'),
    documentNumber: number,
    documentType: text(person, 'dt'),
  });
}

function vaccinations(message, identifier) {
  const entries = [];
  for (const event of parts(message, 've')) {
    const vaccine = coded(text(event, 'des', true), ICD_11);
    const disease = coded(text(event, 'dis'), event.get('dis') ? ICD_11 : '');
    const product = coded('', '', text(event, 'nam'));
    for (const dose of parts(event, 'vd')) {
      entries.push(entryOf({
        kind: 'vaccination', identifier, disease, vaccine, product,
        batch: text(dose, 'lot'), dose: sequence(dose.get('seq')), happenedOn: date(dose, 'dvc', DAY),
        country: text(dose, 'ctr', true), place: text(dose, 'adm'),
      }));
    }
  }
  if (entries.length > EVENTS_MOST) throw refuse('too-many-doses');
  return entries;
}

function test(message, identifier) {
  const [provider, dates, result] = ['sp', 'dat', 'tr'].map((name) => part(message, name));
  date(dates, 'ri', MOMENT);
  return entryOf({
    kind: 'test', identifier, happenedOn: date(dates, 'sc', MOMENT), country: text(provider, 'ctr', true),
    place: text(provider, 'spn', true), testType: coded('', '', text(result, 'tc', true)), result: coded('', '', text(result, 'r', true)),
  });
}

function part(holder, name) {
  const value = holder.get(name);
  if (!isMap(value)) throw refuse('part-absent');
  return value;
}

function parts(holder, name) {
  const value = holder.get(name);
  if (!Array.isArray(value) || !value.length || value.length > EVENTS_MOST) throw refuse('part-absent');
  if (!value.every(isMap)) throw refuse('part-malformed');
  return value;
}

function text(holder, name, isRequired = false) {
  const value = holder.has(name) ? holder.get(name) : '';
  if (typeof value !== 'string' || (isRequired && !value)) throw refuse('text-absent');
  return value;
}

function date(holder, name, shape) {
  const value = text(holder, name, true);
  if (!shape.test(value) || !isDate(value.slice(0, 10))) throw refuse('date-malformed');
  return value;
}

/** The dose's number: an integer in every seal seen, a text of at most two digits in the report's table. */
function sequence(given) {
  if (isMissing(given)) return null;
  const value = typeof given === 'string' && /^\d{1,2}$/.test(given) ? Number(given) : given;
  if (!isInteger(value) || value <= 0 || value >= 100) throw refuse('dose-malformed');
  return Number(value);
}
