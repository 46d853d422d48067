/* Base64 of all sorts, as bytes. */
import { Unreadable } from './values.js';

/** Bytes of Base64 or Base64url without padding; null when the length is none that either has. */
export function fromBase64(text) {
  const bare = text.replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '');
  if (bare.length % 4 === 1) return null;
  const letters = atob(bare + '='.repeat((4 - (bare.length % 4)) % 4));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

export function toBase64url(bytes) {
  let letters = '';
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** Base64url without padding and with its unused bits zero (RFC 4648 section 3.5), so that there is one text for it. */
export function fromBase64url(text) {
  const bytes = fromBase64(text);
  if (!bytes || toBase64url(bytes) !== text) throw new Unreadable('jws', 'base64url-malformed');
  return bytes;
}
