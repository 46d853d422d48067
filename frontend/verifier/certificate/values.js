/* Values as a strict reader gives them: maps are Map, whole numbers are number (or bigint beyond 2^53), and a number
 * with a fraction or exponent is Real, because 1 and 1.0 are not the same thing to a schema. */

/** What was presented cannot be a certificate. `code` is the verdict's reason, `layer` where it broke. */
export class Unreadable extends Error {
  constructor(layer, code, detail = '') {
    super(detail || code);
    this.layer = layer;
    this.code = code;
    this.detail = detail;
  }
}

/** A number that was not written as a whole one. */
export class Real {
  constructor(value) {
    this.value = value;
  }
}

/** CBOR's undefined, which JSON does not have. */
export const UNDEFINED = Symbol('undefined');

export const isInteger = (value) => typeof value === 'number' || typeof value === 'bigint';
export const isMap = (value) => value instanceof Map;
export const isMissing = (value) => value === undefined || value === null;
/** How many characters a text has, as people count them and not as UTF-16 does. */
export const lengthOf = (text) => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};

export const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, '0')).join('');

/** Whether anything is in it: not nothing, zero, or an empty text, list or map. */
export function isFilled(value) {
  if (isMissing(value) || value === false || value === '') return false;
  if (value instanceof Real) return value.value !== 0;
  if (isInteger(value)) return Number(value) !== 0;
  if (isMap(value)) return value.size > 0;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
  return true;
}
