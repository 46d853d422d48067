/* The digits of a SMART Health Card's QR code, and codes of a card that is spread over several. */
import { Unreadable } from './values.js';

export const SCHEME = 'shc:/';
const DIGITS_MOST = 7089;
const CHUNK_MOST = 1191;
const CHUNKS_MOST = 64;
const CODE = /^shc:\/(?:([0-9]{1,3})\/([0-9]{1,3})\/)?([0-9]+)$/;

const refuse = (code) => new Unreadable('text', code);

function letters(digits) {
  if (digits.length % 2 || digits.length > DIGITS_MOST) throw refuse('digits-odd');
  let found = '';
  for (let at = 0; at < digits.length; at += 2) {
    const value = Number(digits.slice(at, at + 2));
    if (value > 77) throw refuse('digits-out-of-range');
    found += String.fromCharCode(value + 45);
  }
  return found;
}

/** Which piece of how many a QR text is, and what it says: [1, 1, jws] for a card in one code. */
export function pieceOf(text) {
  const match = CODE.exec(text);
  if (!match) throw refuse('code-malformed');
  const [at, count] = [Number(match[1] || 1), Number(match[2] || 1)];
  if (at < 1 || at > count || count > CHUNKS_MOST) throw refuse('piece-out-of-range');
  const said = letters(match[3]);
  if (count > 1 && said.length > CHUNK_MOST) throw refuse('piece-too-long');
  return [at, count, said];
}

/** Whether a scanned text is one of several codes, so that a scanner should wait for the others. */
export function isPiece(text) {
  const match = CODE.exec(text);
  return Boolean(match && match[2] && Number(match[2]) > 1);
}

/** The JWS of all the codes of one card, in any order. Throws Unreadable. */
export function join(texts) {
  const pieces = new Map();
  let of = null;
  for (const text of texts) {
    const [at, count, said] = pieceOf(text);
    if (of !== null && of !== count) throw refuse('pieces-disagree');
    if (pieces.has(at)) throw refuse('piece-twice');
    of = count;
    pieces.set(at, said);
  }
  const order = Array.from({ length: of ?? 1 }, (_, index) => index + 1);
  if (order.some((at) => !pieces.has(at))) throw refuse('piece-missing');
  return order.map((at) => pieces.get(at)).join('');
}
