/* The EU Digital COVID Certificate: what claim -260/1 may say, schema versions 1.0.0 to 1.3.x (Implementing Decision
 * (EU) 2021/1073, annex II). One entry in all groups together. */
import * as cbor from './cbor.js';
import { coded, entryOf, holderOf } from './certificates.js';
import { instant, withoutTime } from './dates.js';
import { broken, day, number, text, words } from './fields.js';
import { isFilled, isMap, isMissing, Unreadable } from './values.js';

const GROUPS = { v: 'vaccination', t: 'test', r: 'recovery' };
const [DETECTED, NOT_DETECTED] = ['260373001', '260415000'];
const KNOWN = new Set(['ver', 'nam', 'dob', 'v', 't', 'r']);
const KNOWN_NAMES = new Set(['fn', 'gn', 'fnt', 'gnt']);
const KNOWN_FIELDS = {
  v: new Set(['tg', 'vp', 'mp', 'ma', 'dn', 'sd', 'dt', 'co', 'is', 'ci']),
  t: new Set(['tg', 'tt', 'nm', 'ma', 'sc', 'dr', 'tr', 'tc', 'co', 'is', 'ci']),
  r: new Set(['tg', 'fr', 'co', 'is', 'df', 'du', 'ci']),
};
const BORN = /^(?:(?:19|20)\d\d(?:-\d\d){0,2})?$/;

/** What a claim attests, as far as its groups tell. */
export const kinds = (claim) => Object.keys(GROUPS).filter((group) => isFilled(claim.get(group))).map((group) => GROUPS[group]);

/** Demands the structure of a DCC; gives the group's letter, its only entry, and when that happened. */
export function check(claim) {
  const version = text(claim, 'ver');
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw broken('ver');
  const isEarly = version.startsWith('1.0.') || version.startsWith('1.1.');
  const [group, entry] = onlyEntry(claim);
  checkName(claim);
  const happenedOn = CHECKS[group](entry, isEarly);
  checkBorn(claim, happenedOn);
  if (!isOf(claim, KNOWN) || !isOf(claim.get('nam'), KNOWN_NAMES) || !isOf(entry, KNOWN_FIELDS[group])) cbor.plain(claim);
  return [group, entry, happenedOn];
}

const isOf = (map, names) => [...map.keys()].every((name) => names.has(name));

function onlyEntry(claim) {
  const found = Object.keys(GROUPS).map((group) => [group, claim.get(group)]).filter(([, entries]) => !isMissing(entries));
  for (const [group, entries] of found) if (!Array.isArray(entries)) throw broken(group);
  const filled = found.flatMap(([group, entries]) => entries.map((entry) => [group, entry]));
  if (filled.length > 1) throw new Unreadable('schema', 'several-entries');
  if (!filled.length) throw new Unreadable('schema', 'no-entry');
  if (!isMap(filled[0][1])) throw broken(filled[0][0]);
  return filled[0];
}

function checkName(claim) {
  const name = claim.get('nam');
  if (!isMap(name)) throw broken('nam');
  words(name, 'fn', { path: 'nam.' });
  words(name, 'gn', { path: 'nam.' });
  if (isMissing(name.get('fnt')) && isMissing(name.get('gnt'))) throw broken('nam');
  for (const part of ['fnt', 'gnt']) {
    if (!/^[A-Z<]*$/.test(text(name, part, { path: 'nam.', required: false }))) throw broken(`nam.${part}`);
  }
}

/** From 1900 to 2099 or empty (schema, `dob`), and not in a later year than what is attested; see `doubt`. */
function checkBorn(claim, happenedOn) {
  const born = withoutTime(text(claim, 'dob'));
  if (!BORN.test(born)) throw broken('dob');
  if (born.slice(0, 4) > happenedOn.slice(0, 4)) throw new Unreadable('claims', 'born-later');
}

function checkCommon(entry, path, isEarly) {
  for (const name of ['tg', 'is', 'ci']) text(entry, name, { path });
  if (!/^[A-Z]{1,10}$/.test(text(entry, 'co', { path })) && !isEarly) throw broken(`${path}co`);
}

const CHECKS = {
  v(entry, isEarly) {
    const path = 'v.';
    checkCommon(entry, path, isEarly);
    for (const name of ['vp', 'mp', 'ma']) text(entry, name, { path });
    for (const name of ['dn', 'sd']) number(entry, name, { path, least: isEarly ? 0 : 1 });
    return day(entry, 'dt', { path });
  },
  t(entry, isEarly) {
    const path = 't.';
    checkCommon(entry, path, isEarly);
    for (const name of ['tt', 'tr']) text(entry, name, { path });
    for (const name of ['nm', 'ma', 'dr', 'tc']) text(entry, name, { path, required: false });
    const takenAt = text(entry, 'sc', { path });
    if (instant(takenAt) === null) throw broken('t.sc');
    return takenAt;
  },
  r(entry, isEarly) {
    const path = 'r.';
    checkCommon(entry, path, isEarly);
    day(entry, 'df', { path });
    day(entry, 'du', { path });
    return day(entry, 'fr', { path });
  },
};

/** Why a human should look at a checked claim: an unknown version, dates that cannot be, a test that is not plainly
 * negative. */
export function doubt(claim, entry, happenedOn) {
  if (!claim.get('ver').startsWith('1.')) return 'version-unknown';
  const born = withoutTime(claim.get('dob')).slice(0, 10);
  if (born > happenedOn.slice(0, born.length)) return 'born-later';
  const result = entry.get('tr');
  if (isMissing(result) || result === NOT_DETECTED) return '';
  return result === DETECTED ? 'test-detected' : 'test-result-unknown';
}

/** Whom a checked claim is about. */
export function holder(claim) {
  const name = claim.get('nam');
  return holderOf({
    familyName: name.get('fn') || '',
    givenName: name.get('gn') || '',
    fullName: [name.get('gn'), name.get('fn')].filter(Boolean).join(' '),
    standardFamilyName: name.get('fnt') || '',
    standardGivenName: name.get('gnt') || '',
    bornOn: withoutTime(claim.get('dob')),
  });
}

/** The entry of a checked claim. */
export function entry(group, given, happenedOn) {
  return entryOf({
    kind: GROUPS[group],
    identifier: given.get('ci'),
    disease: coded(given.get('tg')),
    vaccine: coded(given.get('vp') || ''),
    product: coded(given.get('mp') || given.get('nm') || ''),
    maker: coded(given.get('ma') || ''),
    dose: number(given, 'dn', { least: 0, required: false }),
    doses: number(given, 'sd', { least: 0, required: false }),
    happenedOn,
    validFrom: withoutTime(given.get('df') || ''),
    validUntil: withoutTime(given.get('du') || ''),
    country: given.get('co'),
    issuer: given.get('is'),
    place: given.get('tc') || '',
    testType: coded(given.get('tt') || ''),
    result: coded(given.get('tr') || ''),
  });
}

/** The claim as JSON values. Throws Unreadable with layer "cbor" or "schema". */
export function plain(claim) {
  const found = cbor.plain(claim);
  if (!isMap(found)) throw broken('hcert');
  return found;
}
