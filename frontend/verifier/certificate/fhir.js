/* FHIR R4 resources of a health card, as entries: immunizations, laboratory results, conditions that are over. */
import { coded, entryOf } from './certificates.js';
import { isPartialDate } from './dates.js';
import { isInteger, isMap, isMissing, Real, Unreadable } from './values.js';

export const COVID_19 = coded('840539006', 'http://snomed.info/sct', 'COVID-19');
// A code that says most comes first; the order is that of the profiles' value sets.
const BEST_FIRST = ['http://hl7.org/fhir/sid/cvx', 'http://snomed.info/sct', 'http://id.who.int/icd/release/11/mms', 'http://loinc.org'];
const DATE = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;
const CODING = new Set(['id', 'extension', 'system', 'version', 'code', 'display', 'userSelected']);
const IMMUNIZATION_STATUS = new Set(['completed', 'entered-in-error', 'not-done']);
const OBSERVATION_STATUS = new Set(['registered', 'preliminary', 'final', 'amended', 'corrected', 'cancelled', 'entered-in-error', 'unknown']);
const SETTLED = new Set(['final', 'amended', 'corrected']);
const OVER = new Set(['inactive', 'remission', 'resolved']);

export const refuse = (code) => new Unreadable('schema', code);

/** The entry a resource makes, or null for one that attests nothing. Adds codes to `notes`. */
export function entry(resource, about, issuer, notes) {
  const kind = resource.get('resourceType');
  if (!Object.hasOwn(READERS, kind)) return null;
  checkMeta(resource, notes);
  checkNothingEmpty(resource);
  return READERS[kind](resource, about, issuer, notes);
}

const READERS = {
  Immunization(resource, about, issuer, notes) {
    const status = resource.get('status');
    if (!IMMUNIZATION_STATUS.has(status)) throw refuse('status-unknown');
    const happenedOn = occurrence(resource, 'occurrence', notes);
    const codings = codingsOf(resource.get('vaccineCode'), true);
    if (status !== 'completed') {
      notes.add('dose-not-given');
      return null;
    }
    const applied = first(resource.get('protocolApplied'));
    const targeted = codingsOf(first(applied.get('targetDisease')));
    const maker = object(object(resource.get('manufacturer')).get('identifier'));
    return entryOf({
      kind: 'vaccination',
      disease: targeted[0] ?? about,
      vaccine: codings[0],
      product: codings[1] ?? coded(),
      maker: coded(text(maker.get('value')), text(maker.get('system'))),
      batch: text(resource.get('lotNumber')),
      dose: count(applied.get('doseNumberPositiveInt')),
      doses: count(applied.get('seriesDosesPositiveInt')),
      happenedOn,
      issuer,
      place: text(object(first(resource.get('performer')).get('actor')).get('display')),
    });
  },
  Observation(resource, about, issuer, notes) {
    const status = resource.get('status');
    if (!OBSERVATION_STATUS.has(status)) throw refuse('status-unknown');
    const codings = codingsOf(resource.get('code'), true);
    const happenedOn = occurrence(resource, 'effective', notes);
    if (!SETTLED.has(status)) {
      notes.add('result-not-final');
      return null;
    }
    const result = resultOf(resource, notes);
    return entryOf({ kind: 'test', disease: about, testType: codings[0], result, happenedOn, issuer, place: text(first(resource.get('performer')).get('display')) });
  },
  /** A condition somebody had and is over; one that lasts is the holder's business and no entry. */
  Condition(resource, about, issuer, notes) {
    const codings = codingsOf(resource.get('code'));
    const states = codingsOf(resource.get('clinicalStatus')).map((one) => one.code);
    const sure = codingsOf(resource.get('verificationStatus')).filter((one) => one.code !== 'confirmed');
    if (!codings.length || !states.some((one) => OVER.has(one)) || sure.length) return null;
    return entryOf({ kind: 'recovery', disease: codings[0], happenedOn: occurrence(resource, 'onset', notes), issuer });
  },
};

/** A FHIR date or dateTime as written. */
export function dateText(value) {
  if (typeof value !== 'string' || !DATE.test(value) || !isPartialDate(value.slice(0, 10))) throw refuse('date-malformed');
  return value;
}

/** The one of FHIR's `stem[x]`: none or two of them is an error for an immunization (cardinality 1..1). */
function occurrence(resource, stem, notes) {
  const given = [...resource.keys()].filter((name) => name.startsWith(stem) && /^\p{Lu}/u.test(name.slice(stem.length))).sort();
  if (given.length > 1 || (!given.length && stem === 'occurrence')) throw refuse('occurrence-not-one');
  if (!given.length) {
    notes.add('date-absent');
    return '';
  }
  const value = resource.get(given[0]);
  if (given[0] === `${stem}DateTime`) return dateText(value);
  if (given[0] === `${stem}Period`) return dateText(object(value).get('start'));
  notes.add('date-not-exact');
  return '';
}

function resultOf(resource, notes) {
  const [best] = codingsOf(resource.get('valueCodeableConcept'));
  if (best) return best;
  const quantity = object(resource.get('valueQuantity'));
  if (quantity.size) {
    const unit = text(quantity.get('unit') || quantity.get('code'));
    const value = quantity.get('value') ?? '';
    return coded('', '', `${value instanceof Real ? value.value : value} ${unit}`.trim());
  }
  const words = text(resource.get('valueString'));
  if (!words) notes.add('result-absent');
  return coded('', '', words);
}

/** The codes of a CodeableConcept, best first. */
function codingsOf(concept, isRequired = false) {
  const found = objects(object(concept).get('coding')).map((one) => coded(...['code', 'system', 'display'].map((name) => text(one.get(name)))));
  const named = found.filter((one) => one.code);
  if (isRequired && !named.length) throw refuse('code-absent');
  const rank = ({ system }) => (BEST_FIRST.includes(system) ? BEST_FIRST.indexOf(system) : BEST_FIRST.length);
  return named.sort((one, other) => rank(one) - rank(other));
}

/** `meta` may hold only `security`, the identity assurance level; whatever else is a note. */
function checkMeta(resource, notes) {
  const meta = resource.get('meta');
  if (isMissing(meta)) return;
  if (!isMap(meta)) throw refuse('meta-malformed');
  if ([...meta.keys()].some((name) => name !== 'security')) notes.add('meta-not-minimal');
  const labels = meta.has('security') ? meta.get('security') : [];
  const isCoding = (one) => isMap(one) && one.has('code') && [...one.keys()].every((name) => CODING.has(name));
  if (!Array.isArray(labels) || !labels.every(isCoding)) throw refuse('meta-malformed');
}

/** FHIR has no empty texts, lists or objects (hl7.org/fhir/R4/json.html). */
function checkNothingEmpty(value) {
  const stack = [value];
  while (stack.length) {
    const one = stack.pop();
    if (one === null || one === '' || (Array.isArray(one) && !one.length) || (isMap(one) && !one.size)) throw refuse('value-empty');
    if (Array.isArray(one)) stack.push(...one);
    // Lists of primitives and of their extensions are padded with null to the same length.
    if (isMap(one)) for (const [name, part] of one) if (!name.startsWith('_') && !(Array.isArray(part) && one.has(`_${name}`))) stack.push(part);
  }
}

export function text(value) {
  if (isMissing(value)) return '';
  if (typeof value !== 'string') throw refuse('text-expected');
  return value;
}

function count(value) {
  if (isMissing(value)) return null;
  if (!isInteger(value) || value <= 0 || value >= 2 ** 31) throw refuse('count-malformed');
  return Number(value);
}

function object(value) {
  if (isMissing(value)) return new Map();
  if (!isMap(value)) throw refuse('object-expected');
  return value;
}

function objects(value) {
  if (isMissing(value)) return [];
  if (!Array.isArray(value)) throw refuse('list-expected');
  return value.map(object);
}

/** The first of a list of objects; what follows it is not looked at. */
function first(value) {
  if (isMissing(value)) return new Map();
  if (!Array.isArray(value)) throw refuse('list-expected');
  return value.length ? object(value[0]) : new Map();
}
