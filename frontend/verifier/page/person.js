/* Certificates shown one after the other: are they one person's? */
const plain = (name) => name.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase().replace(/[^\p{L}]+/gu, ' ').trim();

/** The parts of a name in no order: certificates put the family name first or last. */
function parts({ holder }) {
  const standard = [holder.standardGivenName, holder.standardFamilyName].join(' ').replace(/</g, ' ').trim();
  const name = standard || holder.fullName || [holder.givenName, holder.familyName].join(' ');
  return new Set(plain(name).split(' ').filter(Boolean));
}

/** Whether two names can be one person's: all parts of the shorter are in the longer. Scripts are not compared. */
function isSameName(one, other) {
  const [few, many] = [one, other].sort((left, right) => left.size - right.size);
  const isLatin = (names) => [...names].every((name) => /^[A-Z ]*$/.test(name));
  if (isLatin(few) !== isLatin(many)) return true;
  return [...few].every((name) => many.has(name));
}

const isSameBirth = (one, other) => {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length) === other.slice(0, length);
};

/** Whether all certificates name one person, as far as each of them says. */
export function isOnePerson(certificates) {
  const [first, ...others] = certificates;
  return others.every((one) => isSameName(parts(first), parts(one)) && isSameBirth(first.holder.bornOn, one.holder.bornOn));
}

export const nameOf = ({ holder }) =>
  holder.fullName || [holder.givenName, holder.familyName].filter(Boolean).join(' ') ||
  [holder.standardGivenName, holder.standardFamilyName].filter(Boolean).join(' ').replace(/</g, ' ');
export const birthYearOf = ({ holder }) => holder.bornOn.slice(0, 4);
