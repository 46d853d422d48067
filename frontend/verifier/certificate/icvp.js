/* WHO's digital International Certificate of Vaccination or Prophylaxis, claim -260/-6, in its three generations, told
 * apart by what `v` is: a text since April 2026, a list in the drafts of 2025, one map in that of 2024. */
import { coded, entryOf, holderOf } from './certificates.js';
import { dayAfter, dayNumber, dayOf, isDate, isPartialDate } from './dates.js';
import { broken, day, text, words } from './fields.js';
import { INSTANT_MOST } from './limits.js';
import { product } from './products.js';
import { isMap, isMissing, Unreadable } from './values.js';

const LONG = 200;
const IN_FORCE_FROM = '2025-09-19';
const KNOWN_VERSIONS = ['1', '1.0', '1.0.0'];
const FOR_LIFE = ['life of person vaccinated', 'vie entière du sujet vacciné'];
const PRODUCTS = 'http://smart.who.int/pcmt-vaxprequal/CodeSystem/PreQualProductIds';
const EARLIEST_ZONE = 14 * 3600;

/** "2026", "2025" or "2024". Throws Unreadable with layer "schema". */
function generation(claim) {
  const found = claim.get('v');
  if (typeof found === 'string') return '2026';
  if (Array.isArray(found)) return '2025';
  if (isMap(found)) return '2024';
  throw broken('v');
}

/** Whether a claim under a number not assigned yet has the form of an ICVP. */
export const looksLike = (claim) =>
  isMap(claim) && claim.has('n') && (isMap(claim.get('vx')) || Array.isArray(claim.get('v')) || isMap(claim.get('v')));

function doseOf(claim) {
  const form = generation(claim);
  const isNewest = form === '2026';
  let found = claim.get(isNewest ? 'vx' : 'v');
  if (form === '2025') {
    if (found.length > 1) throw new Unreadable('schema', 'several-entries');
    if (!found.length) throw new Unreadable('schema', 'no-entry');
    [found] = found;
  }
  if (!isMap(found)) throw broken(isNewest ? 'vx' : 'v');
  return found;
}

/** Whom a claim is about, with the field names of its generation. */
export function holder(claim) {
  const isNewest = generation(claim) === '2026';
  const [nationality, number, kind] = isNewest ? ['nt', 'id', 'dt'] : ['ntl', 'nid', 'ndt'];
  const name = words(claim, 'n', { most: LONG, required: true });
  if (!name.trim()) throw broken('n');
  const born = isNewest ? day(claim, 'dob') : text(claim, 'dob', { required: false });
  if (born && !isPartialDate(born)) throw broken('dob');
  return holderOf({
    fullName: name,
    bornOn: born,
    sex: text(claim, 's', { required: isNewest }),
    nationality: text(claim, nationality, { required: isNewest }),
    documentNumber: text(claim, number, { required: false }),
    documentType: text(claim, kind, { required: false }),
    guardian: words(claim, 'gn', { most: LONG }),
  });
}

/** The dose of a claim; disease, maker and validity from the catalogue where the form does not sign them. */
export function entry(claim) {
  const form = generation(claim);
  const dose = doseOf(claim);
  const isNewest = form === '2026';
  const path = isNewest ? 'vx.' : 'v.';
  const vaccine = product(text(dose, 'vp', { path }));
  if (form === '2024' && !vaccine) return entry2024(dose);
  const happenedOn = isNewest && !isMissing(dose.get('dv')) ? day(dose, 'dv', { path }) : day(dose, 'dt', { path });
  if (!vaccine) throw new Unreadable('claims', 'product-not-in-catalogue');
  const clinician = words(dose, 'cn', { path, most: LONG });
  const issuer = words(dose, 'is', { path, most: LONG });
  if (form !== '2024' && !clinician.trim() && !issuer.trim()) throw broken(`${path}cn`);
  const batch = text(dose, 'bo', { path, most: LONG, required: isNewest });
  if (isNewest && !batch.trim()) throw broken('vx.bo');
  return entryOf({
    kind: 'vaccination',
    disease: coded(vaccine.disease, '', vaccine.diseaseName),
    vaccine: coded(vaccine.vaccine),
    product: coded(vaccine.code, PRODUCTS, vaccine.name),
    maker: coded('', '', vaccine.maker),
    batch,
    happenedOn,
    validFrom: firstDay(happenedOn, vaccine),
    validUntil: until(dose) || (vaccine.for_life ? 'life' : ''),
    clinician,
    issuer,
  });
}

/** The first day a dose counts (IHR annex 7): yellow fever ten days after, others at once. */
function firstDay(happenedOn, vaccine) {
  const found = dayAfter(happenedOn, vaccine.days_until_valid);
  if (!isDate(found)) throw broken('vx.dv');
  return found;
}

/** The first draft signed disease and maker itself, and knew no catalogue; later ones of its form name a product. */
function entry2024(dose) {
  const path = 'v.';
  const may = (name, most = 80) => text(dose, name, { path, most, required: false });
  return entryOf({
    kind: 'vaccination',
    disease: coded(may('tg')),
    vaccine: coded(text(dose, 'vp', { path })),
    product: coded(may('mp')),
    maker: coded(may('mid'), '', may('ma')),
    batch: may('bo', LONG),
    happenedOn: day(dose, 'dt', { path }),
    validFrom: may('vls'),
    validUntil: until(dose),
    clinician: may('cn', LONG),
    issuer: may('is', LONG),
  });
}

function until(dose) {
  const value = text(dose, 'vle', { path: 'v.', required: false });
  if (FOR_LIFE.includes(value)) return 'life';
  if (value && !isDate(value)) throw broken('v.vle');
  return value;
}

/** REQ-CC-09 and REQ-DE-13 against the token's time of issue; a day counts as begun when it has begun anywhere. */
export function checkDates(claim, dose, issuedAt) {
  if (generation(claim) === '2024' || issuedAt === null) return;
  const issuedOn = dayOf(Math.min(issuedAt + EARLIEST_ZONE, INSTANT_MOST));
  if (dayNumber(issuedOn) < dayNumber(IN_FORCE_FROM)) throw new Unreadable('claims', 'issued-before-amendments');
  if (dayNumber(dose.happenedOn) > dayNumber(issuedOn)) throw new Unreadable('claims', 'dose-after-issue');
}

/** Why a human should look although nothing is wrong: a draft's form, or a version not known; "" otherwise. */
export function doubt(claim) {
  const form = generation(claim);
  if (form === '2024') return 'draft-form';
  return form === '2026' && !KNOWN_VERSIONS.includes(claim.get('v')) ? 'version-unknown' : '';
}

/** The version a claim states, or the year of the draft it follows. */
export const version = (claim) => (generation(claim) === '2026' ? text(claim, 'v', { most: LONG }) : generation(claim));
