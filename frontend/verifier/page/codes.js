/* What counts as a code in a picture, and its text. */
export const FORMATS = ['QRCode', 'Aztec', 'DataMatrix'];
export const CODES_MOST = 20;

export const textsOf = (found) => [...new Set(found.filter((one) => one.isValid).map(textOf))];

/** An archive's bytes become letters one by one, as its codec expects them. */
function textOf({ bytes, text }) {
  const isArchive = bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
  return isArchive ? Array.from(bytes, (byte) => String.fromCharCode(byte)).join('') : text;
}
