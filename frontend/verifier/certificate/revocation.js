/* Lists of certificates taken back, as the server packs them (domain/health/verifier_revocations.py): a head that says
 * in which bundle and where the hashes and filters of a key stand, and bundles, opened when a look-up needs them. */
import { sameCountry } from './countries.js';
import { unlooked } from './findings.js';
import { hex, isMap, Unreadable } from './values.js';

const HASH_BYTES = 16;
// A filter's hit counts as certain from here on: 64 bits match by chance once in 10^12 look-ups in ten million entries.
const CERTAIN_BYTES = 8;
const OUTCOMES = {
  hit: ['failed', 'revoked', 'revoked'],
  uncertain: ['failed', 'revocation-uncertain', 'ambiguous'],
  clear: ['passed', '', ''],
  'no-list': ['not-checked', 'no-list', ''],
  outdated: ['not-checked', 'list-outdated', ''],
};

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
const hashOf = async (text) => (await sha256(new TextEncoder().encode(text))).subarray(0, HASH_BYTES);

/** Hashes of one width, sorted, side by side. */
function isIn(packed, width, value) {
  let [low, high] = [0, packed.length / width];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compare(packed, middle * width, value, width);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

function compare(packed, from, value, width) {
  for (let at = 0; at < width; at += 1) {
    const difference = packed[from + at] - value[at];
    if (difference) return difference;
  }
  return 0;
}

/** Hashes whose first two bytes stand in a table: how many begin with each, then all of them without these bytes. */
function isInTable(bytes, { width, place }, value) {
  const first = (value[0] << 8) | value[1];
  const span = 16 ** (4 - place.length);
  const row = first % span;
  if (hex(value.subarray(0, 2)).slice(0, place.length) !== place) return false;
  const counts = new DataView(bytes.buffer, bytes.byteOffset, 2 * span);
  let from = 0;
  for (let at = 0; at < row; at += 1) from += counts.getUint16(2 * at);
  const rest = width - 2;
  const start = 2 * span + from * rest;
  return isIn(bytes.subarray(start, start + counts.getUint16(2 * row) * rest), rest, value.subarray(2, width));
}

const holds = (bytes, part, value) => (part.table ? isInTable(bytes, part, value) : isIn(bytes, part.width, value));

/** How the distribution service writes a shortened hash that begins with 0xFF: as a signed number, refilled with 0. */
function asWritten(value) {
  if (!(value[0] & 0x80)) return value;
  let from = 0;
  while (from < value.length - 1 && value[from] === 0xff && value[from + 1] & 0x80) from += 1;
  const found = new Uint8Array(value.length);
  found.set(value.subarray(from), from);
  return found;
}

/** A Bloom filter in the EU's binary form: function i is SHA-256 over the element and the byte i, as a signed number. */
async function mayHold({ functions, words }, value) {
  const bits = BigInt(8 * words.length);
  for (let at = 0; at < functions; at += 1) {
    const digest = BigInt(`0x${hex(await sha256(new Uint8Array([...value, at])))}`);
    const position = Number(((BigInt.asIntN(256, digest) % bits) + bits) % bits);
    if (!(words[position >> 3] & (0x80 >> (position & 7)))) return false;
  }
  return true;
}

/** "hit", "uncertain" or "clear". Throws Missing when a bundle is not at hand. */
async function look(entry, value, open) {
  const digits = hex(value.subarray(0, 2));
  let found = 'clear';
  for (const part of entry.parts) {
    if (!digits.startsWith(part.place)) continue;
    const bytes = await open(part.at);
    if (part.functions) {
      if (!(await mayHold({ functions: part.functions, words: bytes }, value))) continue;
    } else {
      const cut = value.subarray(0, part.width);
      const isThere = holds(bytes, part, cut) || (part.width < HASH_BYTES && holds(bytes, part, asWritten(cut)));
      if (!isThere) continue;
      if (part.width >= CERTAIN_BYTES) return 'hit';
    }
    found = 'uncertain';
  }
  return found;
}

/** A bundle the head names is not here: nobody can look. */
export class Missing extends Error {}

/** The names of a presented certificate, each worked out when a list asks for it. */
class Identity {
  constructor(presented) {
    this.presented = presented;
    this.known = {};
  }

  hashes(type) {
    this.known[type] ??= this.workOut(type);
    return this.known[type];
  }

  async workOut(type) {
    const { seal } = this.presented;
    if (type === 'SIGNATURE') {
      // An ECDSA signature can be changed by anyone into another valid one by negating s, so only r is hashed.
      const part = seal.algorithm === 'PS256' ? seal.signature : seal.signature.subarray(0, seal.signature.length / 2);
      return [(await sha256(part)).subarray(0, HASH_BYTES)];
    }
    const { entries, issuerCountry } = this.presented.certificate();
    const named = entries.filter((entry) => entry.identifier);
    const countries = (entry) => (type === 'UCI' ? [''] : [issuerCountry, entry.country].filter(Boolean));
    const texts = new Set(named.flatMap((entry) => countries(entry).map((country) => country + entry.identifier)));
    return Promise.all([...texts].map(hashOf));
  }

  smartId() {
    const { claims, validFrom } = this.presented.certificate();
    const credential = claims.get('vc');
    const held = isMap(credential) && credential.has('rid') ? credential.get('rid') : '';
    return [typeof held === 'string' ? held : '', validFrom ?? 0];
  }
}

export class Revocations {
  /** `bundle` gives the bytes of a bundle by its SHA-256, or undefined. `confirm` asks the server about a list, a key
   * and a hash, and gives true, false, or null when nobody answers. */
  constructor({ lists = [], smart = [], smartVersions = [], bundles = [] } = {}, bundle = () => undefined, confirm = null) {
    this.lists = lists;
    this.bundles = bundles;
    this.bundle = bundle;
    this.confirm = confirm;
    this.smart = new Map(smart.map((one) => [`${one.issuer} ${one.keyId}`, one]));
    this.smartVersions = new Map(smartVersions.map(([issuer, keyId, version]) => [`${issuer} ${keyId}`, version]));
  }

  /** The finding about a certificate signed with `key`. */
  async check(presented, key) {
    let found;
    try {
      found = presented.family === 'smart' ? this.findSmart(presented, key) : await this.find(presented, key);
    } catch (fault) {
      if (fault instanceof Unreadable) return unlooked('revocation', 'not-readable');
      if (fault instanceof Missing) return unlooked('revocation', 'list-not-here');
      throw fault;
    }
    const [outcome, reason, state] = OUTCOMES[found.answer];
    return { check: { name: 'revocation', outcome, reason, asOf: found.asOf ?? null }, state, layer: '' };
  }

  findSmart(presented, key) {
    for (const keyId of key.keyIds) {
      const name = `${key.issuer} ${keyId}`;
      const held = this.smart.get(name);
      if (!held) continue;
      const [rid, validFrom] = new Identity(presented).smartId();
      const { asOf } = held;
      const until = rid && Object.hasOwn(held.rids, rid) ? (held.rids[rid] ?? Infinity) : -Infinity;
      if (validFrom < until) return { answer: 'hit', asOf };
      if ((this.smartVersions.get(name) ?? 0) > held.counter) return { answer: 'outdated', asOf };
      return { answer: 'clear', asOf };
    }
    return { answer: 'no-list' };
  }

  async find(presented, key) {
    const country = sameCountry(key.country);
    const isCovering = (list) => list.covers.includes('*') || (country && list.covers.includes(country)) || key.keyIds.some((keyId) => Object.hasOwn(list.keys, keyId));
    const covering = this.lists.filter(isCovering);
    const names = country ? [...key.keyIds, `country:${country}`] : key.keyIds;
    const identity = new Identity(presented);
    let [clear, doubted, confirmed] = [null, null, null];
    for (const list of covering) {
      const told = names.filter((name) => Object.hasOwn(list.keys, name));
      const entries = told.map((name) => list.keys[name]);
      const answer = await this.lookAll(identity, list, told);
      if (answer === 'hit') return { answer, asOf: list.asOf };
      if (answer === 'uncertain') {
        doubted = doubted && doubted.asOf >= list.asOf ? doubted : list;
        continue;
      }
      if (entries.every((entry) => entry.isExact)) confirmed = Math.max(confirmed ?? list.asOf, list.asOf);
      clear = clear && clear.asOf <= list.asOf ? clear : list;
    }
    if (doubted && (confirmed === null || confirmed < doubted.asOf)) return { answer: 'uncertain', asOf: doubted.asOf };
    return clear ? { answer: 'clear', asOf: clear.asOf } : { answer: 'no-list' };
  }

  async lookAll(identity, list, names) {
    const open = (at) => this.open(at);
    let found = 'clear';
    for (const name of names) {
      const entry = list.keys[name];
      for (const type of entry.types) {
        for (const value of await identity.hashes(type)) {
          let answer = await look(entry, value, open);
          if (answer === 'uncertain') answer = await this.confirmed(list.id, name, value);
          if (answer === 'hit') return answer;
          if (answer === 'uncertain') found = answer;
        }
      }
    }
    return found;
  }

  /** What the server says of a hit that is not certain, when it can be asked. */
  async confirmed(list, key, value) {
    const isThere = this.confirm ? await this.confirm(list, key, value) : null;
    if (isThere === null) return 'uncertain';
    return isThere ? 'hit' : 'clear';
  }

  async open([number, from, length]) {
    const bytes = await this.bundle(this.bundles[number][0]);
    if (!bytes) throw new Missing();
    return bytes.subarray(from, from + length);
  }
}
