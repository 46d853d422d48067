/* Reads JSON that a stranger wrote: bounded, without duplicate names, NaN or texts nothing else can hold. The browser's
 * own JSON.parse takes the last of two equal names and forgets whether a number was whole. */
import { Real, Unreadable } from './values.js';

const DEPTH_MOST = 32;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const BLANK = /[ \t\r\n]*/y;
const ESCAPES = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const DIGITS_MOST = 4300;

class Malformed extends Error {}

class Reader {
  constructor(text, layer) {
    Object.assign(this, { text, layer, at: 0, depth: 0 });
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at += found[0].length;
    return found;
  }

  next() {
    this.match(BLANK);
    return this.text[this.at];
  }

  expect(letter) {
    if (this.next() !== letter) throw new Malformed();
    this.at += 1;
  }

  value() {
    const letter = this.next();
    if (letter === '{') return this.object();
    if (letter === '[') return this.list();
    if (letter === '"') return this.string();
    for (const [word, meant] of [['true', true], ['false', false], ['null', null]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return meant;
      }
    }
    return this.number();
  }

  number() {
    const found = this.match(NUMBER);
    if (!found) throw new Malformed();
    const [all, fraction, exponent] = found;
    if (fraction || exponent) {
      if (!Number.isFinite(Number(all))) throw new Malformed();
      return new Real(Number(all));
    }
    if (all.length > DIGITS_MOST) throw new Malformed();
    const value = Number(all);
    return Number.isSafeInteger(value) ? (Object.is(value, -0) ? 0 : value) : BigInt(all);
  }

  string() {
    this.at += 1;
    let found = '';
    for (;;) {
      found += this.match(PLAIN)[0];
      const letter = this.text[this.at++];
      if (letter === '"') return found;
      if (letter !== '\\') throw new Malformed();
      found += this.escape();
    }
  }

  escape() {
    const letter = this.text[this.at++];
    if (letter !== 'u') {
      if (!(letter in ESCAPES)) throw new Malformed();
      return ESCAPES[letter];
    }
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Malformed();
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  members(close, member) {
    this.at += 1;
    if (this.next() === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      member();
      const letter = this.next();
      this.at += 1;
      if (letter === close) return;
      if (letter !== ',') throw new Malformed();
    }
  }

  list() {
    const found = [];
    this.members(']', () => found.push(this.value()));
    return found;
  }

  object() {
    const found = new Map();
    this.members('}', () => {
      if (this.next() !== '"') throw new Malformed();
      const name = this.string();
      this.expect(':');
      const value = this.value();
      if (found.has(name)) throw new Malformed();
      found.set(name, value);
    });
    return found;
  }
}

/** The JSON value of a text or bytes, which it fills from the first character to the last. Throws Unreadable. */
export function parse(given, { most, layer = 'json' }) {
  if (given.length > most) throw new Unreadable(layer, 'json-too-long');
  try {
    const text = typeof given === 'string' ? given : UTF8.decode(given);
    if (!text || /^[ \t\r\n]|[ \t\r\n]$/.test(text)) throw new Unreadable(layer, 'trailing-characters');
    if (text.startsWith('\ufeff')) throw new Unreadable(layer, 'byte-order-mark');
    checkDepth(text, layer);
    const reader = new Reader(text, layer);
    const value = reader.value();
    if (reader.at < text.length) throw new Malformed();
    checkCharacters(text, value);
    return value;
  } catch (fault) {
    if (fault instanceof Unreadable) throw fault;
    if (fault instanceof Malformed || fault instanceof TypeError) throw new Unreadable(layer, 'json-malformed');
    throw fault;
  }
}

/** As `parse`, for a text that must be a JSON object. */
export function parseObject(given, options) {
  const value = parse(given, options);
  if (!(value instanceof Map)) throw new Unreadable(options.layer ?? 'json', 'json-not-an-object');
  return value;
}

function checkDepth(text, layer) {
  let depth = 0;
  for (const letter of text.replace(/"(?:[^"\\]|\\.)*"/gs, '').match(/[[\]{}]/g) ?? []) {
    depth += letter === '[' || letter === '{' ? 1 : -1;
    if (depth > DEPTH_MOST) throw new Unreadable(layer, 'json-too-deep');
  }
}

/** U+0000 and lone surrogates can come in only by an escape; no database and no UTF-8 text can hold them. */
function checkCharacters(text, value) {
  if (!/\\u(?:0000|d)/i.test(text)) return;
  const look = (one) => {
    if (typeof one === 'string' && (one.includes('\0') || !isWellFormed(one))) throw new Malformed();
    if (Array.isArray(one)) one.forEach(look);
    if (one instanceof Map) for (const [name, member] of one) [name, member].forEach(look);
  };
  look(value);
}

/** Half a surrogate pair cannot be written in UTF-8, and this says so. */
function isWellFormed(text) {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
