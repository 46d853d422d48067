/* Days and instants of ISO 8601, as strictly as the server reads them. */

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const PARTIAL = /^\d{4}(?:-\d{2}(?:-\d{2})?)?$/;
// RFC 3339, with the offsets the DCC guidelines allow besides: +hh and +hhmm.
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$/;
const PARTS = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;
const DAY = 86400;

/** Days since 1970 of a day in the proleptic Gregorian calendar, or null when there is no such day. */
export function dayNumber(text) {
  if (!DATE.test(text)) return null;
  const [year, month, day] = text.split('-').map(Number);
  if (year < 1 || month < 1 || month > 12 || day < 1) return null;
  const when = new Date(0);
  when.setUTCFullYear(year, month - 1, day);
  return when.getUTCDate() === day ? Math.round(when.getTime() / 1000 / DAY) : null;
}

export const isDate = (text) => dayNumber(text) !== null;

/** Whether it is a year, a month or a day of the calendar. */
export function isPartialDate(text) {
  if (!PARTIAL.test(text)) return false;
  return isDate(text.length < 10 ? text + '-01-01'.slice(text.length - 4) : text);
}

const TIMED_DAY = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** A day that some issuers wrote with a time, some of them with a zone: the day is the one written. */
export const withoutTime = (text) => (TIMED_DAY.test(text) ? text.slice(0, 10) : text);

/** Seconds since 1970 of an instant with a zone; null when the text is none. */
export const instant = (text) => (INSTANT.test(text) ? moment(text.toUpperCase()) : null);

/** Seconds since 1970 of a day or an instant, UTC where it names no zone; null when there is none such. */
export function moment(text) {
  const match = PARTS.exec(text);
  if (!match) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const days = dayNumber(`${year}-${month}-${day}`);
  if (days === null || hour > 23 || minute > 59 || second > 59) return null;
  const offset = zone === 'Z' ? 0 : seconds(zone);
  if (offset === null) return null;
  return days * DAY + hour * 3600 + minute * 60 + Number(second) + Number(`0.${fraction.slice(0, 6) || 0}`) - offset;
}

function seconds(zone) {
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)];
  if (hours > 23 || minutes > 59) return null;
  return (zone[0] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/** The day (YYYY-MM-DD) an instant falls on in UTC. */
export const dayOf = (secondsSince1970) => new Date(secondsSince1970 * 1000).toISOString().slice(0, 10);
export const dayAfter = (text, days) => dayOf((dayNumber(text) + days) * DAY);
