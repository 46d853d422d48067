/* An optional lock on what this telephone keeps. Certificates are sealed for a public key that lies beside them; the
 * private one is wrapped with a key made of the holder's code. So a new certificate can be kept while all is locked, and
 * nothing can be read without the code. It keeps out who holds the telephone in hand; against who copies its storage it is
 * as strong as the code is long, and the page says so. */
const ROUNDS = 600_000; // OWASP's figure for PBKDF2 with SHA-256 (Password Storage Cheat Sheet, 2023).
const PAIR = { name: 'RSA-OAEP', hash: 'SHA-256' };
const SHORTEST = 6;
export const MOST_CODE = 100;

export const isLongEnough = (code) => code.trim().length >= SHORTEST;
export const canLock = () => Boolean(globalThis.crypto?.subtle);

const bytes = (count) => crypto.getRandomValues(new Uint8Array(count));

async function wrapping(code, salt, rounds) {
  const words = new TextEncoder().encode(code.trim().normalize('NFKC'));
  const plain = await crypto.subtle.importKey('raw', words, 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, plain, { name: 'AES-GCM', length: 256 }, false, ['wrapKey', 'unwrapKey']);
}

/** A lock to keep, and the key that opens it, which is kept nowhere. */
export async function makeLock(code) {
  const how = { ...PAIR, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = await crypto.subtle.generateKey(how, true, ['encrypt', 'decrypt']);
  const [salt, iv] = [bytes(16), bytes(12)];
  const wrapper = await wrapping(code, salt, ROUNDS);
  const wrapped = await crypto.subtle.wrapKey('pkcs8', pair.privateKey, wrapper, { name: 'AES-GCM', iv });
  const lock = { salt, iv, rounds: ROUNDS, wrapped, publicKey: await crypto.subtle.exportKey('spki', pair.publicKey) };
  return { lock, key: await unlock(lock, code) };
}

/** The key that opens what is sealed; null when the code is not the right one. */
export async function unlock({ salt, iv, rounds, wrapped }, code) {
  try {
    return await crypto.subtle.unwrapKey('pkcs8', wrapped, await wrapping(code, salt, rounds), { name: 'AES-GCM', iv }, PAIR, false, ['decrypt']);
  } catch (fault) {
    if (fault.name === 'OperationError') return null;
    throw fault;
  }
}

/** Nothing but its number stays readable. */
export async function seal({ publicKey }, certificate) {
  const [secret, iv] = [bytes(32), bytes(12)];
  const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt']);
  const content = new TextEncoder().encode(JSON.stringify(certificate));
  const body = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(certificate.id) }, key, content);
  const owner = await crypto.subtle.importKey('spki', publicKey, PAIR, false, ['encrypt']);
  return { id: certificate.id, sealed: { iv, body, secret: await crypto.subtle.encrypt(PAIR, owner, secret) } };
}

export async function unseal(opener, { id, sealed }) {
  const key = await crypto.subtle.importKey('raw', await crypto.subtle.decrypt(PAIR, opener, sealed.secret), 'AES-GCM', false, ['decrypt']);
  const content = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv, additionalData: new TextEncoder().encode(id) }, key, sealed.body);
  return JSON.parse(new TextDecoder().decode(content));
}
