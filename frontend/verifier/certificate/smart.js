/* SMART Health Cards: FHIR resources in a signed, deflated JSON text, as digits in a QR code or as a compact JWS. */
import { coded, holderOf, latest } from './certificates.js';
import * as fhir from './fhir.js';
import { parseObject } from './json.js';
import * as jws from './jws.js';
import * as numeric from './numeric.js';
import { isInteger, isMap, isMissing, lengthOf, Real, Unreadable } from './values.js';

const ISSUER_MOST = 2048;
// SMART and WHO call them "shlink:/" and "vhlink:/"; a link may stand behind the address of a viewer ("https://viewer.example/#shlink:/…").
const HEAD = 512;
const LINK = 'hlink:/';
const ENTRIES_MOST = 500;
const CARDS_MOST = 50;
const FILE_MOST = 1024 * 1024;
const HEALTH_CARD = 'https://smarthealth.cards#health-card';
const COVID_CARD = 'https://smarthealth.cards#covid19';
const MILLISECONDS = 1e11;
// Python's datetime.max, to which instants beyond the calendar are brought on the server.
const END_OF_TIME = 253402300799.999999;

const claims = (code) => new Unreadable('claims', code);
const { refuse } = fhir;

export function looksLike(text) {
  return text.startsWith(numeric.SCHEME) || text.slice(0, HEAD).includes(LINK) || jws.isCompact(text.replace(/[\r\n]+$/, ''));
}

/** A card from the text of one QR code or a compact JWS. A line break at the end is overlooked. Throws Unreadable. */
export function read(text) {
  const line = text.replace(/\r?\n?$/, '');
  if (line.startsWith(numeric.SCHEME)) return card(numeric.join([line]), line.startsWith(`${numeric.SCHEME}1/1/`) ? ['pieces-needless'] : []);
  if (line.slice(0, HEAD).includes(LINK)) throw new Unreadable('text', 'health-link');
  if (line !== line.trim()) throw new Unreadable('text', 'trailing-characters');
  if (!jws.isCompact(line)) throw new Unreadable('text', 'not-a-health-card');
  return card(line, []);
}

/** A card spread over several QR codes (deprecated in release 1.3, still in wallets), in any order. */
export const readPieces = (texts) => card(numeric.join(texts), ['pieces-deprecated']);

/** The JWS of every card in a `.smart-health-card` file. Throws Unreadable. */
export function cardsIn(text) {
  const cards = parseObject(text.replace(/\r?\n?$/, ''), { most: FILE_MOST }).get('verifiableCredential');
  if (!Array.isArray(cards) || !cards.length || cards.length > CARDS_MOST) throw new Unreadable('json', 'cards-absent');
  if (cards.some((one) => typeof one !== 'string')) throw new Unreadable('json', 'cards-malformed');
  return cards;
}

function card(text, notes) {
  const envelope = jws.open(text);
  const said = parseObject(envelope.payload, { most: jws.INFLATED_MOST });
  const issuer = said.get('iss');
  checkIssuer(issuer);
  let made = null;
  const certificate = () => (made ??= certificateOf(said, issuer, notes));
  const terms = () => {
    const { validFrom, expiresAt } = certificate();
    return { issuerCountry: '', issuedAt: validFrom, notBefore: validFrom, expiresAt, endsWithExpiry: true };
  };
  return {
    format: 'smart-health-card',
    family: 'smart',
    seal: { algorithm: 'ES256', message: envelope.message, signature: envelope.signature, keyIds: [envelope.keyId], issuer },
    get terms() {
      return terms();
    },
    kinds: () => [...new Set(certificate().entries.map((entry) => entry.kind))],
    content: () => {
      const { entries, notes: odd } = certificate();
      const doubt = ['holder-absent', 'nothing-attested'].find((note) => odd.includes(note)) ?? '';
      return { happenedOn: latest(entries.map((entry) => entry.happenedOn)), firstDay: '', lastDay: '', doubt };
    },
    certificate,
  };
}

/** `iss` is an https address without a slash at its end, a query or a fragment ("Determining keys"). */
function checkIssuer(issuer) {
  if (typeof issuer !== 'string' || !issuer || lengthOf(issuer) > ISSUER_MOST) throw claims('issuer-absent');
  if (!issuer.startsWith('https://') || issuer.length <= 'https://'.length) throw claims('issuer-not-https');
  if (/[^\x00-\x7f]|[?# \t\r\n\\]|\/$/.test(issuer)) throw claims('issuer-malformed');
}

function certificateOf(said, issuer, given) {
  const odd = new Set(given);
  const validFrom = instant(said, 'nbf', odd);
  if (validFrom === null) throw claims('nbf-absent');
  const expiresAt = instant(said, 'exp', odd);
  if (expiresAt !== null && numberOf(said.get('exp')) <= numberOf(said.get('nbf'))) throw claims('expires-before-valid');
  checkRevocationId(said, odd);
  const { subject, types } = credential(said, odd);
  const about = types.includes(COVID_CARD) ? fhir.COVID_19 : coded();
  const { holder, entries } = bundle(subject.get('fhirBundle'), about, issuer, odd);
  return {
    format: 'smart-health-card', version: subject.get('fhirVersion'), holder, entries, issuerCountry: '', issuer,
    issuedAt: validFrom, validFrom, expiresAt, claims: said, notes: [...odd].sort(),
  };
}

const KNOWN_TYPES = new Set([HEALTH_CARD, COVID_CARD, 'https://smarthealth.cards#immunization', 'https://smarthealth.cards#laboratory']);

function credential(said, odd) {
  const found = said.get('vc');
  if (!isMap(found)) throw refuse('credential-absent');
  const types = found.get('type');
  if (!Array.isArray(types) || types.some((one) => typeof one !== 'string')) throw refuse('credential-absent');
  if (!types.includes(HEALTH_CARD)) throw refuse('not-a-health-card');
  if (types.some((one) => !KNOWN_TYPES.has(one))) odd.add('type-unknown');
  const subject = found.get('credentialSubject');
  if (!isMap(subject) || typeof subject.get('fhirVersion') !== 'string') throw refuse('fhir-version-absent');
  if (!subject.get('fhirVersion').startsWith('4.')) odd.add('fhir-version-other');
  return { subject, types };
}

const numberOf = (value) => (value instanceof Real ? value.value : value);

/** A NumericDate (RFC 7519: seconds, fractions allowed). One in milliseconds lands in the far future, and is. */
function instant(said, name, odd) {
  if (!said.has(name)) return null;
  const found = said.get(name);
  const value = Number(numberOf(found));
  if (!(isInteger(found) || found instanceof Real) || !(value >= 0 && value < Infinity)) throw claims(`${name}-malformed`);
  if (value >= MILLISECONDS) odd.add('timestamp-in-milliseconds');
  return Math.min(value, END_OF_TIME);
}

/** `rid`: base64url letters, at most 24, by which the issuer can revoke the card ("Revocation"). */
function checkRevocationId(said, odd) {
  const found = said.get('vc');
  if (!isMap(found) || !found.has('rid')) return;
  const held = found.get('rid');
  if (typeof held !== 'string' || !/^[A-Za-z0-9_-]{1,24}$/.test(held)) odd.add('rid-malformed');
}

function bundle(given, about, issuer, notes) {
  const resources = resourcesOf(given, notes);
  const patients = [...resources.values()].filter((one) => one.get('resourceType') === 'Patient');
  if (patients.length > 1) throw refuse('holder-not-one');
  const holder = patients.length ? holderFrom(patients[0]) : holderOf({});
  if (!patients.length) notes.add('holder-absent');
  const entries = [];
  for (const resource of resources.values()) {
    const entry = fhir.entry(resource, about, issuer, notes);
    if (entry && isAboutHolder(resource, resources, notes)) entries.push(entry);
  }
  if (!entries.length) notes.add('nothing-attested');
  return { holder, entries };
}

function resourcesOf(given, notes) {
  if (!isMap(given) || given.get('resourceType') !== 'Bundle') throw refuse('bundle-absent');
  const entries = given.get('entry');
  if (!Array.isArray(entries) || !entries.length || entries.length > ENTRIES_MOST) throw refuse('bundle-malformed');
  const found = new Map();
  entries.forEach((one, at) => {
    const resource = isMap(one) ? one.get('resource') : null;
    if (!isMap(resource) || typeof resource.get('resourceType') !== 'string') throw refuse('bundle-malformed');
    const url = one.has('fullUrl') ? one.get('fullUrl') : `#${at}`;
    if (typeof url !== 'string' || found.has(url)) throw refuse('bundle-malformed');
    if (!url.startsWith('resource:')) notes.add('references-not-short');
    found.set(url, resource);
  });
  return found;
}

/** An entry is about the card's one patient; what is about a thing, or about nobody, attests nothing of them. */
function isAboutHolder(resource, resources, notes) {
  const isDose = resource.get('resourceType') === 'Immunization';
  const field = resource.get(isDose ? 'patient' : 'subject');
  const reference = isMap(field) ? field.get('reference') : null;
  if (typeof reference !== 'string') {
    if (isDose) throw refuse('holder-reference-absent');
    notes.add('about-nobody');
    return false;
  }
  const matching = [...resources].filter(([url]) => url === reference || url.endsWith(`/${reference}`));
  if (!matching.length) {
    notes.add('holder-reference-dangling');
    return true;
  }
  const isPerson = matching.every(([, one]) => one.get('resourceType') === 'Patient');
  if (!isPerson && isDose) throw refuse('holder-reference-wrong');
  if (!isPerson) notes.add('about-something-else');
  return isPerson;
}

const SEXES = ['male', 'female', 'other', 'unknown'];

function holderFrom(patient) {
  const name = bestName(patient.get('name'));
  const given = name.has('given') ? name.get('given') : [];
  if (!Array.isArray(given) || given.some((one) => typeof one !== 'string')) throw refuse('name-malformed');
  const [family, text] = ['family', 'text'].map((part) => (name.has(part) ? name.get(part) : ''));
  if (typeof family !== 'string' || typeof text !== 'string') throw refuse('name-malformed');
  const born = patient.has('birthDate') ? patient.get('birthDate') : '';
  const sex = patient.get('gender');
  return holderOf({
    familyName: family,
    givenName: given.join(' '),
    fullName: text,
    bornOn: born === '' ? '' : fhir.dateText(born),
    sex: SEXES.includes(sex) ? sex : '',
  });
}

/** The official name where one is marked so, else the first. */
function bestName(names) {
  if (isMissing(names)) return new Map();
  if (!Array.isArray(names) || !names.every(isMap)) throw refuse('name-malformed');
  return names.find((one) => one.get('use') === 'official') ?? names[0] ?? new Map();
}
