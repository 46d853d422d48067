/* What a certificate says, in one shape whatever its format. */

export const coded = (code = '', system = '', display = '') => ({ code, system, display });

const HOLDER = {
  familyName: '', givenName: '', fullName: '', standardFamilyName: '', standardGivenName: '', bornOn: '', sex: '',
  documentNumber: '', documentType: '', nationality: '', guardian: '',
};
const ENTRY = {
  kind: '', identifier: '', disease: coded(), vaccine: coded(), product: coded(), maker: coded(), batch: '',
  dose: null, doses: null, happenedOn: '', validFrom: '', validUntil: '', country: '', issuer: '', place: '',
  clinician: '', testType: coded(), result: coded(),
};

export const holderOf = (given) => ({ ...HOLDER, ...given });
export const entryOf = (given) => ({ ...ENTRY, ...given });

/** The latest of some texts of dates. */
export const latest = (texts) => texts.reduce((found, text) => (text > found ? text : found), '');
