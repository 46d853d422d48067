/* From the text of a code to a verdict: one road for every format, the same as on the server (domain/health/verify.py).
 *
 * Everything is looked at that can be; the first thing wrong, in the order of CHECKS, names the state. Only a
 * certificate nothing is wrong with, signed by a key the trust store holds, is "valid". */
import { dayOf, instant } from './dates.js';
import { CHECKS, failed, keyFindings, passed, signatureFinding, unlooked } from './findings.js';
import * as formats from './formats.js';
import { signerOf } from './signer.js';
import { readPieces } from './smart.js';
import { Unreadable } from './values.js';

// A day has begun somewhere on earth this long before it begins in UTC, and ends there this long after.
const [EARLIEST_ZONE, LATEST_ZONE] = [14 * 3600, 12 * 3600];

/** The verdict on the text of a code, or on the texts of a card spread over several. `now` and all ages in seconds. */
export async function verify(text, { trust, revocations, now, leeway = 0, listsLast = null }) {
  let presented;
  try {
    presented = Array.isArray(text) ? readPieces(text) : formats.read(text);
  } catch (fault) {
    if (fault instanceof Unreadable) return broken(fault);
    throw fault;
  }
  const { terms, content, fault } = said(presented);
  if (presented.unchecked) return unsealed(presented, terms, content, fault, now, leeway);
  const signed = await signerOf(presented, terms, trust, now);
  const { key } = signed;
  const aboutKey = key ? keyFindings(presented, terms, key, now) : nothingAboutKey(signed.reason);
  const revocation = key ? await revocations.check(presented, key) : unlooked('revocation', signed.reason);
  return verdict([
    passed('format'),
    signature(signed, now, listsLast),
    ...aboutKey,
    validity(terms, content, now, leeway),
    revocation,
    contents(content, fault),
  ], presented);
}

const nothingAboutKey = (reason) => ['issuer', 'key-usage', 'key-validity'].map((name) => unlooked(name, reason));

/** A certificate whose signature cannot be checked here vouches for nothing, whatever else is right. */
function unsealed(presented, terms, content, fault, now, leeway) {
  const { unchecked } = presented;
  return verdict([
    passed('format'),
    signatureFinding(unchecked, false),
    ...nothingAboutKey(unchecked),
    validity(terms, content, now, leeway),
    unlooked('revocation', unchecked),
    contents(content, fault),
  ], presented);
}

/** What the certificate says of itself, as far as it can be read. */
function said(presented) {
  let terms = null;
  try {
    terms = presented.terms;
    return { terms, content: presented.content(), fault: null };
  } catch (fault) {
    if (fault instanceof Unreadable) return { terms, content: null, fault };
    throw fault;
  }
}

function signature({ key, reason, isForged }, now, listsLast) {
  if (!key) return signatureFinding(reason, isForged);
  if (listsLast !== null && now - key.asOf > listsLast) return failed('signature', 'ambiguous', 'trust-list-old', { asOf: key.asOf });
  return passed('signature', key.asOf);
}

/** Its own dates: an instant counts as reached with the leeway, a day as soon as it is that day anywhere. */
function validity(terms, content, now, leeway) {
  if (!terms) return unlooked('validity', 'not-readable');
  const { expiresAt, issuedAt, notBefore, endsWithExpiry } = terms;
  if (expiresAt !== null && (now > expiresAt || (now === expiresAt && endsWithExpiry))) return failed('validity', 'expired', 'expired');
  if (issuedAt !== null && now + leeway < issuedAt) return failed('validity', 'not-yet-valid', 'issued-in-future');
  if (notBefore !== null && now + leeway < notBefore) return failed('validity', 'not-yet-valid', 'not-yet-valid');
  return content ? days(content, now, leeway) : passed('validity');
}

function days({ happenedOn, firstDay, lastDay }, now, leeway) {
  const today = dayOf(now + EARLIEST_ZONE);
  // A time without seconds or zone is no instant: the day it stands in is what can be compared.
  const when = happenedOn.length > 10 ? instant(happenedOn) : null;
  const isAhead = when === null ? happenedOn.slice(0, 10) > today : when - now > leeway;
  if (isAhead) return failed('validity', 'not-yet-valid', 'happened-in-future');
  if (firstDay > today) return failed('validity', 'not-yet-valid', 'not-yet-valid');
  const isBounded = lastDay !== '' && lastDay !== 'life';
  if (isBounded && dayOf(now - LATEST_ZONE) > lastDay) return failed('validity', 'expired', 'expired');
  return passed('validity');
}

function contents(content, fault) {
  if (fault) return failed('content', 'broken', fault.code, { layer: fault.layer });
  if (!content) return unlooked('content', 'not-readable');
  return content.doubt ? failed('content', 'ambiguous', content.doubt) : passed('content');
}

function verdict(findings, presented) {
  const checks = findings.map((finding) => finding.check);
  const worst = findings.find((finding) => finding.state);
  const certificate = readable(presented);
  if (!worst) return { state: 'valid', reason: '', layer: '', checks, certificate };
  return { state: worst.state, reason: worst.check.reason, layer: worst.layer, checks, certificate };
}

/** What the certificate says; null when its claims cannot be read. */
function readable(presented) {
  try {
    return presented.certificate();
  } catch (fault) {
    if (fault instanceof Unreadable) return null;
    throw fault;
  }
}

/** Nothing could be looked at beyond the layer that broke. */
function broken({ layer, code }) {
  const checks = CHECKS.map((name) => (name === 'format' ? failed(name, '', code).check : unlooked(name, 'not-readable').check));
  return { state: 'broken', reason: code, layer, checks, certificate: null };
}
