/* Just enough DER (X.690) to read a certificate. Everything is bounded by the bytes at hand. */

export class Undecodable extends Error {}

/** One element: its tag, its bytes whole, what is inside it, and where it ends. */
export function element(bytes, at = 0) {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (first === undefined || (tag & 31) === 31) throw new Undecodable();
  let [length, head] = [first, 2];
  if (first & 0x80) {
    const count = first & 0x7f;
    if (count < 1 || count > 3) throw new Undecodable();
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + (bytes[at + 2 + index] ?? NaN);
    head += count;
  }
  const end = at + head + length;
  if (!(end <= bytes.length)) throw new Undecodable();
  return { tag, whole: bytes.subarray(at, end), inside: bytes.subarray(at + head, end), end };
}

/** The elements inside one. */
export function children({ inside }) {
  const found = [];
  for (let at = 0; at < inside.length; ) {
    const one = element(inside, at);
    found.push(one);
    at = one.end;
  }
  return found;
}

export function oid({ tag, inside }) {
  if (tag !== 6 || !inside.length) throw new Undecodable();
  const numbers = [];
  let value = 0;
  for (const byte of inside) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (!numbers.length) numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else numbers.push(value);
    value = 0;
  }
  return numbers.join('.');
}

/** The bytes of a bit string that ends with a byte. */
export function bits({ tag, inside }) {
  if (tag !== 3 || !inside.length || inside[0] > 7) throw new Undecodable();
  return inside.subarray(1);
}

/** Seconds since 1970 of a UTCTime or GeneralizedTime. */
export function time({ tag, inside }) {
  const words = String.fromCharCode(...inside);
  const match = (tag === 23 ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(words);
  if (!match || (tag !== 23 && tag !== 24)) throw new Undecodable();
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  const whole = tag === 23 ? year + (year < 50 ? 2000 : 1900) : year;
  return Date.UTC(whole, month - 1, day, hour, minute, second) / 1000;
}
