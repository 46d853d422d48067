/* Strict CBOR (RFC 8949): one item and nothing after it, and only what a certificate can be made of.
 *
 * Duplicate keys, deep nesting, shared references and every tag but dates (0, 1) are refused. Indefinite lengths are
 * allowed: published vectors use them. */
import { DEPTH_MOST, INSTANT_MOST, ITEMS_MOST } from './limits.js';
import { hex, isInteger, Real, UNDEFINED, Unreadable } from './values.js';

const BREAK = Symbol('break');
const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const malformed = () => new Unreadable('cbor', 'cbor-malformed');

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
    this.hasDuplicates = false;
  }

  skip(count) {
    const from = this.at;
    if (count > this.bytes.length - from) throw malformed();
    this.at += count;
    return from;
  }

  /** The number in a head: below 24 in the byte itself, else in 1, 2, 4 or 8 bytes. */
  argument(short) {
    if (short < 24) return short;
    if (short === 24) return this.bytes[this.skip(1)];
    if (short === 25) return this.view.getUint16(this.skip(2));
    if (short === 26) return this.view.getUint32(this.skip(4));
    if (short !== 27) throw malformed();
    const wide = this.view.getBigUint64(this.skip(8));
    return wide <= Number.MAX_SAFE_INTEGER ? Number(wide) : wide;
  }

  item(depth, mayBreak = false) {
    const head = this.bytes[this.skip(1)];
    const kind = head >> 5;
    const short = head & 31;
    if (head === 0xff) {
      if (mayBreak) return BREAK;
      throw malformed();
    }
    if (depth > DEPTH_MOST) throw new Unreadable('cbor', 'cbor-depth');
    return READERS[kind](this, short, depth);
  }
}

function negative(reader, short) {
  const value = reader.argument(short);
  const found = typeof value === 'bigint' ? -1n - value : -1 - value;
  return typeof found === 'number' && !Number.isSafeInteger(found) ? -1n - BigInt(value) : found;
}

function string(reader, short, kind) {
  if (short !== 31) {
    const length = reader.argument(short);
    const from = reader.skip(length);
    return reader.bytes.subarray(from, from + Number(length));
  }
  const parts = [];
  for (;;) {
    const head = reader.bytes[reader.skip(1)];
    if (head === 0xff) break;
    if (head >> 5 !== kind || (head & 31) === 31) throw malformed();
    parts.push(string(reader, head & 31, kind));
  }
  return parts;
}

const joined = (parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
};

function bytes(reader, short) {
  const found = string(reader, short, 2);
  return Array.isArray(found) ? joined(found) : found;
}

function text(reader, short) {
  const found = string(reader, short, 3);
  try {
    return Array.isArray(found) ? found.map((part) => TEXT.decode(part)).join('') : TEXT.decode(found);
  } catch {
    throw malformed();
  }
}

function list(reader, short, depth) {
  const found = [];
  if (short === 31) {
    for (let one = reader.item(depth + 1, true); one !== BREAK; one = reader.item(depth + 1, true)) found.push(one);
    return found;
  }
  const count = reader.argument(short);
  for (let at = 0; at < count; at += 1) found.push(reader.item(depth + 1));
  return found;
}

/** What two equal keys have in common: 1, 1.0 and true are one key to most readers, so they are here. */
function sameness(key) {
  if (typeof key === 'string') return `s${key}`;
  if (isInteger(key)) return `n${key}`;
  if (typeof key === 'boolean') return `n${key ? 1 : 0}`;
  if (key instanceof Real) return `n${Object.is(key.value, -0) ? 0 : key.value}`;
  if (key instanceof Uint8Array) return `b${hex(key)}`;
  if (Array.isArray(key)) return `[${key.map(sameness).join()}]`;
  if (key instanceof Map) return `{${[...key].map(([name, value]) => sameness(name) + sameness(value)).sort().join()}}`;
  return String(key);
}

function map(reader, short, depth) {
  const found = new Map();
  const seen = new Set();
  const add = (key) => {
    const value = reader.item(depth + 1);
    const same = sameness(key);
    if (seen.has(same)) reader.hasDuplicates = true;
    seen.add(same);
    found.set(key, value);
  };
  if (short === 31) {
    for (let key = reader.item(depth + 1, true); key !== BREAK; key = reader.item(depth + 1, true)) add(key);
    return found;
  }
  const count = reader.argument(short);
  for (let at = 0; at < count; at += 1) add(reader.item(depth + 1));
  return found;
}

/** Tag 0 wraps the text a certificate would otherwise hold, tag 1 its seconds; no certificate has another. */
function tagged(reader, short, depth) {
  const tag = reader.argument(short);
  const value = reader.item(depth + 1);
  if (tag === 0 && typeof value === 'string') return value;
  if (tag === 1 && (typeof value === 'number' || value instanceof Real)) {
    const seconds = value instanceof Real ? value.value : value;
    if (seconds >= 0 && seconds <= INSTANT_MOST) return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  }
  throw new Unreadable('cbor', 'cbor-tag');
}

const SIMPLE = { 20: false, 21: true, 22: null, 23: UNDEFINED };

function half(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent === 31 ? (fraction ? NaN : Infinity) : exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : (fraction / 1024) * 2 ** -14;
  return bits & 0x8000 ? -size : size;
}

function simple(reader, short) {
  if (short in SIMPLE) return SIMPLE[short];
  if (short === 25) return new Real(half(reader.view.getUint16(reader.skip(2))));
  if (short === 26) return new Real(reader.view.getFloat32(reader.skip(4)));
  if (short === 27) return new Real(reader.view.getFloat64(reader.skip(8)));
  if (short > 24) throw malformed();
  const value = short === 24 ? reader.bytes[reader.skip(1)] : short;
  if (short === 24 && value < 32) throw malformed();
  return Symbol(`simple ${value}`);
}

const READERS = [(reader, short) => reader.argument(short), negative, bytes, text, list, map, tagged, simple];

/** The one item `data` is. Throws Unreadable with layer "cbor". */
export function read(data) {
  if (!data.length) throw new Unreadable('cbor', 'cbor-empty');
  const reader = new Reader(data);
  const value = whole(reader);
  if (reader.hasDuplicates) throw new Unreadable('cbor', 'cbor-duplicate-key');
  if (reader.at < data.length) throw new Unreadable('cbor', 'cbor-trailing-bytes');
  return value;
}

/** The item; what is wrong behind two equal keys is told as damage, as the server does. */
function whole(reader) {
  try {
    return reader.item(0);
  } catch (fault) {
    throw reader.hasDuplicates ? malformed() : fault;
  }
}

/** `value` as JSON knows it. Throws Unreadable with layer "cbor" for anything JSON does not have. */
export function plain(value, left = { items: ITEMS_MOST }) {
  left.items -= 1;
  if (left.items < 0) throw new Unreadable('cbor', 'cbor-too-many-items');
  if (typeof value === 'string' || isInteger(value) || typeof value === 'boolean' || value === null) return value;
  if (value instanceof Map) {
    const found = new Map();
    for (const key of value.keys()) if (typeof key !== 'string') throw new Unreadable('cbor', 'cbor-key');
    for (const [key, member] of value) found.set(key, plain(member, left));
    return found;
  }
  if (Array.isArray(value)) return value.map((member) => plain(member, left));
  if (value instanceof Real && Number.isFinite(value.value)) return value;
  if (value === UNDEFINED) return null;
  throw new Unreadable('cbor', 'cbor-value');
}
