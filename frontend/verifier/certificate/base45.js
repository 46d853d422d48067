/* Base45 (RFC 9285), strict: no other alphabet, no lower case, no white space around, no overflow. */
import { Unreadable } from './values.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const VALUES = new Uint8Array(128).fill(255);
for (let value = 0; value < ALPHABET.length; value += 1) VALUES[ALPHABET.charCodeAt(value)] = value;

/** The bytes of a Base45 text. Throws Unreadable with layer "base45". */
export function decode(text) {
  const values = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charCodeAt(at);
    const value = letter < 128 ? VALUES[letter] : 255;
    if (value === 255) throw new Unreadable('base45', 'base45-alphabet');
    values[at] = value;
  }
  const rest = values.length % 3;
  if (rest === 1) throw new Unreadable('base45', 'base45-length');
  const found = new Uint8Array(((values.length / 3) | 0) * 2 + (rest ? 1 : 0));
  let end = 0;
  for (let at = 0; at + 2 < values.length; at += 3) {
    const pair = values[at] + 45 * values[at + 1] + 2025 * values[at + 2];
    if (pair > 0xffff) throw new Unreadable('base45', 'base45-overflow');
    found[end++] = pair >> 8;
    found[end++] = pair & 255;
  }
  if (rest) {
    const last = values[values.length - 2] + 45 * values[values.length - 1];
    if (last > 0xff) throw new Unreadable('base45', 'base45-overflow');
    found[end] = last;
  }
  return found;
}
