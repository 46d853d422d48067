/* Fields of a payload, each checked as it is taken, with a refusal that names it. */
import { isDate, withoutTime } from './dates.js';
import { isInteger, isMissing, lengthOf, Real, Unreadable } from './values.js';

// Symbols, control characters and marks that turn the direction of writing: in nobody's passport.
const NOT_IN_NAMES = /[\p{So}\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;

/** `name` is the field's path, as in "v.dn"; the reason code is the same for all. */
export const broken = (name) => new Unreadable('schema', 'schema', name);

/** A text of at most `most` characters; "" when absent or null and not required. */
export function text(holder, name, { path = '', most = 80, required = true } = {}) {
  const value = holder.get(name);
  if (isMissing(value)) {
    if (required) throw broken(path + name);
    return '';
  }
  if (typeof value !== 'string' || lengthOf(value) > most) throw broken(path + name);
  return value;
}

/** A day of the calendar; "" when absent and not required. */
export function day(holder, name, { path = '', required = true } = {}) {
  const value = withoutTime(text(holder, name, { path, required }));
  if ((value && !isDate(value)) || (required && !value)) throw broken(path + name);
  return value;
}

/** A whole number; null when absent and not required. */
export function number(holder, name, { path = '', least = 1, required = true } = {}) {
  let value = holder.get(name);
  if (isMissing(value) && !required) return null;
  if (value instanceof Real && Number.isInteger(value.value)) value = value.value;
  if (!isInteger(value) || value < least) throw broken(path + name);
  return Number(value);
}

/** A name of somebody: text without signs that are in no name, or let one name look like another. */
export function words(holder, name, { path = '', most = 80, required = false } = {}) {
  const value = text(holder, name, { path, most, required });
  if (NOT_IN_NAMES.test(value)) throw broken(path + name);
  return value;
}
