/* Who stands at the counter: the certificates of one person in a row, and the moment another one's turns up.
 *
 * A code that is shown again is known and judged again, and counts once. A code in another name is a question to whoever
 * checks: the next person, or the same one with somebody else's certificate? The next code often answers it. */
import { isOnePerson } from './person.js';

const SAME_GLANCE = 4000;

const certificatesOf = (entries) => entries.map((one) => one.verdict.certificate).filter(Boolean);

export class Traveller {
  constructor() {
    this.next();
  }

  /** The next person: with the certificate that was asked about, when there is one. */
  next() {
    this.entries = this.pending ? [this.pending] : [];
    this.pending = null;
    this.glances ??= new Map();
  }

  /** Nobody: whoever comes shows everything anew. */
  clear() {
    this.pending = null;
    this.next();
    this.glances.clear();
  }

  /** Whether a code is still in view since it was judged, `now` in milliseconds. */
  isInView(text, now) {
    const last = this.glances.get(text) ?? -Infinity;
    this.glances.set(text, now);
    return now - last < SAME_GLANCE;
  }

  /** What a verdict is to what was shown before: "again", "added" or "asks". An entry is {key, verdict, state, at}. */
  take(entry) {
    if (this.replace(this.entries, entry)) return 'again';
    if (this.pending?.key === entry.key) {
      this.pending = entry;
      return 'asks';
    }
    if (this.pending && this.belongs(entry, [this.pending]) && entry.verdict.certificate) this.next();
    if (this.belongs(entry, this.entries)) {
      this.entries.push(entry);
      return 'added';
    }
    if (this.pending) this.next();
    this.pending = entry;
    return 'asks';
  }

  replace(entries, entry) {
    const place = entries.findIndex((one) => one.key === entry.key);
    if (place >= 0) entries[place] = entry;
    return place >= 0;
  }

  /** Whether it names nobody, or the person of one of these. */
  belongs({ verdict: { certificate } }, entries) {
    const others = certificatesOf(entries);
    return !certificate || !others.length || others.some((one) => isOnePerson([one, certificate]));
  }

  /** The same person shows it: it stays in the row, and that names differ stays said. */
  keepBoth() {
    if (this.pending) this.entries.push(this.pending);
    this.pending = null;
  }

  get isOnePerson() {
    const certificates = certificatesOf(this.entries);
    return certificates.length < 2 || isOnePerson(certificates);
  }
}
