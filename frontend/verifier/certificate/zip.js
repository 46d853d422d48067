/* Takes the one file out of a zip archive that a stranger packed, without trusting a word of its directory. */
import { inflateRaw, Undeflatable } from './inflate.js';
import { Unreadable } from './values.js';

const [END_SIZE, CENTRAL_SIZE, LOCAL_SIZE] = [22, 46, 30];
const [STORED, DEFLATED] = [0, 8];
const ENCRYPTED = 1;

const bad = () => new Unreadable('compression', 'zip-malformed');

/** The one file in a zip archive (APPNOTE 6.3), at most `most` bytes. Throws Unreadable. */
export function unzip(data, most) {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const inside = (at, size) => {
    if (at + size > data.length) throw bad();
  };
  const at = lastEnd(view);
  inside(at, END_SIZE);
  const [count, size, start, comment] = [view.getUint16(at + 8, true), view.getUint32(at + 12, true), view.getUint32(at + 16, true), view.getUint16(at + 20, true)];
  if (count !== 1 || at + END_SIZE + comment !== data.length || start + size !== at) throw new Unreadable('compression', 'zip-not-one-file');
  inside(start, CENTRAL_SIZE);
  const [flags, method] = [view.getUint16(start + 8, true), view.getUint16(start + 10, true)];
  const [checksum, packed, unpacked] = [16, 20, 24].map((offset) => view.getUint32(start + offset, true));
  const name = data.subarray(start + CENTRAL_SIZE, start + CENTRAL_SIZE + view.getUint16(start + 28, true));
  const isKnown = method === STORED || method === DEFLATED;
  if (view.getUint32(start) !== 0x504b0102 || flags & ENCRYPTED || !isKnown) throw bad();
  const words = String.fromCharCode(...name.subarray(0, 65));
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(words) || /^\.*$/.test(words)) throw new Unreadable('compression', 'zip-name-refused');
  if (unpacked > most) throw new Unreadable('compression', 'inflated-too-long');
  const local = view.getUint32(start + 42, true);
  inside(local, LOCAL_SIZE);
  const body = local + LOCAL_SIZE + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (view.getUint32(local) !== 0x504b0304 || view.getUint16(local + 8, true) !== method || body + packed > start) throw bad();
  const content = inflate(data.subarray(body, body + packed), method, most);
  if (content.length !== unpacked || crc32(content) !== checksum) throw new Unreadable('compression', 'zip-checksum-wrong');
  return content;
}

function lastEnd(view) {
  for (let at = view.byteLength - 4; at >= 0; at -= 1) if (view.getUint32(at) === 0x504b0506) return at;
  throw bad();
}

function inflate(packed, method, most) {
  if (method === STORED) return packed;
  try {
    const { bytes, used } = inflateRaw(packed, most);
    if (used < packed.length) throw bad();
    return bytes;
  } catch (fault) {
    if (!(fault instanceof Undeflatable)) throw fault;
    throw fault.fault === 'too-large' ? new Unreadable('compression', 'inflated-too-long') : bad();
  }
}

export function crc32(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
