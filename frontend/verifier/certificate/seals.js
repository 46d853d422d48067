/* Checking a seal with a public key, the same for every format, by WebCrypto.
 *
 * The algorithm must be the key's: ES256 with P-256 and ES384 with P-384 only (RFC 7518 section 3.4), PS256 with RSA.
 * ECDSA signatures are raw r‖s of exactly the curve's length with both numbers in range. */

// Orders of the groups (SEC 2 sections 2.4.2 and 2.5.1).
const P256 = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const P384 = BigInt('0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973');
const CURVES = {
  ES256: { curve: 'P-256', order: P256, half: 32, hash: 'SHA-256' },
  ES384: { curve: 'P-384', order: P384, half: 48, hash: 'SHA-384' },
};
const PSS = { name: 'RSA-PSS', saltLength: 32 };

/** Why `seal` was not made with `key` (trust.js); "" when it was. */
export async function fault(seal, key) {
  if (seal.algorithm === 'PS256') return rsaFault(seal, key);
  if (key.type === 'RSA') return 'algorithm-not-of-key';
  const { curve, order, half, hash } = CURVES[seal.algorithm];
  if (key.type !== curve) return 'curve-not-allowed';
  const raw = seal.signature;
  if (raw.length !== 2 * half) return 'signature-length';
  if (![raw.subarray(0, half), raw.subarray(half)].every((one) => isBelow(one, order))) return 'signature-range';
  const imported = await key.imported({ name: 'ECDSA', namedCurve: curve });
  return (await crypto.subtle.verify({ name: 'ECDSA', hash }, imported, raw, seal.message)) ? '' : 'signature-wrong';
}

function isBelow(bytes, order) {
  const number = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return number > 0n && number < order;
}

/** RSASSA-PSS with SHA-256 and a salt as long as the hash (RFC 8230 section 2). */
async function rsaFault(seal, key) {
  if (key.type !== 'RSA') return 'algorithm-not-of-key';
  if (seal.signature.length !== Math.ceil(key.bits / 8)) return 'signature-length';
  const imported = await key.imported({ name: 'RSA-PSS', hash: 'SHA-256' });
  return (await crypto.subtle.verify(PSS, imported, seal.signature, seal.message)) ? '' : 'signature-wrong';
}
