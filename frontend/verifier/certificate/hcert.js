/* Electronic health certificates (WHO HCERT 1.1): a signed CBOR Web Token, deflated and written in Base45. */
import * as base45 from './base45.js';
import * as cose from './cose.js';
import * as cwt from './cwt.js';
import * as dcc from './dcc.js';
import * as ddcc from './ddcc.js';
import * as icvp from './icvp.js';
import { inflateZlib, Undeflatable } from './inflate.js';
import { INFLATED_MOST, TEXT_MOST } from './limits.js';
import { isMap, lengthOf, Real, Unreadable } from './values.js';

export const PREFIX = 'HC1:';
const HEALTH_LINK = 5;
const FORMATS = new Map([[1, 'eu-dcc'], [3, 'ddcc-vs'], [4, 'ddcc-tr'], [-6, 'icvp']]);
const FAULTS = { malformed: 'zlib', truncated: 'zlib-truncated', 'too-large': 'zlib-too-large' };

/** Reads a text that starts with "HC1:". Throws Unreadable. */
export function read(text) {
  if (lengthOf(text) > TEXT_MOST) throw new Unreadable('text', 'text-too-long');
  const signed = cose.read(inflate(base45.decode(text.slice(PREFIX.length))));
  const token = cwt.read(signed.payload);
  if (!signed.algorithm) throw new Unreadable('cose', signed.fault);
  const { format, claim, doubt } = claimOf(token);
  return presented(format, claim, doubt, signed, token);
}

function inflate(data) {
  try {
    const { bytes, used } = inflateZlib(data, INFLATED_MOST);
    if (used < data.length) throw new Unreadable('compression', 'zlib-trailing-bytes');
    return bytes;
  } catch (fault) {
    if (fault instanceof Undeflatable) throw new Unreadable('compression', FAULTS[fault.fault]);
    throw fault;
  }
}

/** Format, claim, and doubt about its number. */
function claimOf(token) {
  const health = token.everything.get(cwt.HEALTH_CLAIM);
  if (health === undefined || health === null) {
    const format = ddcc.looksLike(token.everything);
    if (!format) throw new Unreadable('claims', 'no-health-claim');
    return { format, claim: new Map([...token.everything].filter(([key]) => typeof key === 'string')), doubt: '' };
  }
  if (!isMap(health) || !health.size) throw new Unreadable('claims', 'no-health-claim');
  if (health.size > 1) throw new Unreadable('claims', 'several-claims');
  const [[number, claim]] = health;
  if ((number instanceof Real ? number.value : number) === HEALTH_LINK) throw new Unreadable('claims', 'health-link');
  const format = FORMATS.get(number);
  if (!format && icvp.looksLike(claim)) return { format: 'icvp', claim, doubt: 'claim-number-unknown' };
  if (!format || !isMap(claim)) throw new Unreadable('claims', 'claim-unknown');
  return { format, claim, doubt: '' };
}

function presented(format, claim, doubt, signed, token) {
  const { issuer, issuedAt, notBefore, expiresAt } = token;
  const seal = {
    algorithm: signed.algorithm,
    message: signed.message,
    signature: signed.signature,
    keyIds: signed.keyId ? [signed.keyId] : [],
    issuer,
  };
  return {
    format,
    family: 'hcert',
    seal,
    terms: { issuerCountry: issuer, issuedAt, notBefore, expiresAt, endsWithExpiry: false },
    kinds: () => (format === 'eu-dcc' ? dcc.kinds(claim) : [format === 'ddcc-tr' ? 'test' : 'vaccination']),
    content: () => contentOf(format, claim, doubt, token),
    certificate: () => ({
      ...certificateOf(format, dcc.plain(claim)),
      format, issuerCountry: issuer, issuedAt, validFrom: notBefore, expiresAt, notes: signed.notes,
    }),
  };
}

function contentOf(format, claim, doubt, { issuedAt, expiresAt }) {
  if (format === 'eu-dcc') {
    const [, entry, happenedOn] = dcc.check(claim);
    // HCERT section 3.3.2 wants an end.
    const found = dcc.doubt(claim, entry, happenedOn) || (expiresAt === null ? 'expiry-missing' : '');
    return { happenedOn, firstDay: '', lastDay: '', doubt: found };
  }
  const { claims, entries: [entry] } = certificateOf(format, dcc.plain(claim));
  if (format === 'icvp') {
    icvp.checkDates(claim, entry, issuedAt);
    const { happenedOn, validFrom, validUntil } = entry;
    return { happenedOn, firstDay: validFrom, lastDay: validUntil, doubt: doubt || icvp.doubt(claim) };
  }
  const firstDay = ddcc.validFrom(claims).slice(0, 10);
  return { happenedOn: entry.happenedOn, firstDay, lastDay: entry.validUntil.slice(0, 10), doubt: '' };
}

function certificateOf(format, claim) {
  if (format === 'eu-dcc') {
    const checked = dcc.check(claim);
    return { version: claim.get('ver'), holder: dcc.holder(claim), entries: [dcc.entry(...checked)], claims: claim };
  }
  if (format === 'icvp') {
    const version = icvp.version(claim);
    return { version, holder: icvp.holder(claim), entries: [icvp.entry(claim)], claims: claim };
  }
  return { version: '', holder: ddcc.holder(claim), entries: [ddcc.entry(format, claim)], claims: claim };
}
