/* What the page says, in the reader's language: the server put the words into it. */
const told = (id) => JSON.parse(document.getElementById(id)?.textContent ?? 'null');

export const words = told('verifier-words') ?? {};
export const listKeys = told('verifier-keys') ?? [];

/** A sentence with its gaps filled: fill('born {year}', {year: 1980}). */
export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);

/** How long ago something was, in the largest unit that says it. */
export function age(seconds) {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 120) return fill(words.minutes, { number: minutes });
  if (minutes < 48 * 60) return fill(words.hours, { number: Math.round(minutes / 60) });
  return fill(words.days, { number: Math.round(minutes / 1440) });
}

const language = document.querySelector('[data-oc-verifier]')?.dataset.language || 'en';
const instants = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });

/** An instant (seconds since 1970) as a person writes it. */
export const instant = (seconds) => instants.format(new Date(seconds * 1000));

/** An element with attributes and children; texts are only ever texts. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null && value !== undefined) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

/** A drawn sign; the word beside it carries the meaning. */
export const icon = (name) => document.querySelector(`template[data-icon="${name}"]`).content.cloneNode(true);
