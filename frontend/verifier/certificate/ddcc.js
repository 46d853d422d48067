/* WHO's Digital Documentation of COVID-19 Certificates: vaccination status (VS) and test result (TR). */
import { coded, entryOf, holderOf } from './certificates.js';
import { instant, isDate, isPartialDate } from './dates.js';
import { broken, number, text, words } from './fields.js';
import { isMap, isMissing } from './values.js';

const LONG = 256;

/** "ddcc-vs" or "ddcc-tr" by the fields WHO makes mandatory; "" for anything else. */
export function looksLike(claim) {
  if (typeof claim.get('name') !== 'string') return '';
  if (isMap(claim.get('test'))) return 'ddcc-tr';
  return claim.has('vaccine') ? 'ddcc-vs' : '';
}

function code(holder, name, { path = '', required = false } = {}) {
  const value = holder.get(name);
  if (isMissing(value) && !required) return coded();
  if (typeof value === 'string') return coded(value);
  if (!isMap(value)) throw broken(path + name);
  const inside = `${path}${name}.`;
  const may = (part) => text(value, part, { path: inside, most: LONG, required: false });
  return coded(text(value, 'code', { path: inside, most: LONG }), may('system'), may('display'));
}

function when(holder, name, { path = '', required = false } = {}) {
  const value = text(holder, name, { path, most: LONG, required });
  if (value && !isDate(value) && instant(value) === null) throw broken(path + name);
  return value;
}

const may = (claim, name, path = '') => text(claim, name, { path, most: LONG, required: false });

export function holder(claim) {
  const born = may(claim, 'birthDate');
  if (born && !isPartialDate(born)) throw broken('birthDate');
  return holderOf({
    fullName: words(claim, 'name', { most: LONG, required: true }),
    bornOn: born,
    sex: code(claim, 'sex').code,
    documentNumber: may(claim, 'identifier'),
  });
}

/** The first day of the certificate, which need not be that of the protection; "" when it states none. */
export const validFrom = (claim) => when(claim, 'valid_from');

function vaccination(claim) {
  const maker = code(claim, 'manufacturer');
  return entryOf({
    kind: 'vaccination',
    identifier: may(claim, 'hcid'),
    disease: code(claim, 'disease'),
    vaccine: code(claim, 'vaccine', { required: true }),
    product: code(claim, 'brand'),
    maker: maker.code ? maker : code(claim, 'ma_holder'),
    batch: may(claim, 'lot'),
    dose: number(claim, 'dose', { required: false }),
    doses: number(claim, 'total_doses', { required: false }),
    happenedOn: when(claim, 'date', { required: true }),
    validFrom: when(claim, 'vaccine_valid') || when(claim, 'valid_from'),
    validUntil: when(claim, 'valid_until'),
    country: code(claim, 'country').code,
    issuer: may(claim, 'pha'),
    place: may(claim, 'centre'),
    clinician: may(claim, 'hw'),
  });
}

function test(claim) {
  const found = claim.get('test');
  if (!isMap(found)) throw broken('test');
  const path = 'test.';
  return entryOf({
    kind: 'test',
    identifier: may(claim, 'hcid'),
    disease: code(found, 'pathogen', { path }),
    product: code(found, 'brand', { path }),
    maker: code(found, 'manufacturer', { path }),
    happenedOn: when(found, 'date', { path, required: true }),
    country: code(found, 'country', { path }).code,
    issuer: may(claim, 'pha'),
    place: may(found, 'centre', path),
    testType: code(found, 'type', { path, required: true }),
    result: code(found, 'result', { path, required: true }),
  });
}

export const entry = (format, claim) => (format === 'ddcc-tr' ? test(claim) : vaccination(claim));
