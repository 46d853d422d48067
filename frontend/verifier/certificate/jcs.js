/* JSON in its canonical form (RFC 8785), which is what a visible digital seal is signed over. */
import { isInteger, Real, Unreadable } from './values.js';

const refuse = () => new Unreadable('json', 'not-canonical');

/** The canonical text of a value as json.js reads it. Throws Unreadable for numbers JSON readers do not agree on. */
export function canonical(value) {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (isInteger(value)) return whole(value);
  if (value instanceof Real) {
    if (!Number.isFinite(value.value)) throw refuse();
    return String(Object.is(value.value, -0) ? 0 : value.value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  // Names in the order of their UTF-16 units, which is how this language compares texts.
  const names = [...value.keys()].sort((one, other) => (one < other ? -1 : 1));
  return `{${names.map((name) => `${quoted(name)}:${canonical(value.get(name))}`).join()}}`;
}

function whole(value) {
  if (typeof value === 'bigint') throw refuse();
  return String(value);
}

function quoted(text) {
  try {
    encodeURIComponent(text);
  } catch {
    throw refuse();
  }
  return JSON.stringify(text);
}
