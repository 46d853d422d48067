/* DEFLATE (RFC 1951) and zlib (RFC 1950), once, whole and below a cap.
 *
 * The browser's DecompressionStream says only "no": it does not tell damaged from cut short, nor stops at a cap. A
 * certificate is half a kilobyte, so the plainest decoder is fast enough. */

/** `fault` is "malformed", "truncated" or "too-large". */
export class Undeflatable extends Error {
  constructor(fault) {
    super(fault);
    this.fault = fault;
  }
}

const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class Bits {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.held = 0;
    this.count = 0;
  }

  take(wanted) {
    while (this.count < wanted) {
      if (this.at >= this.bytes.length) throw new Undeflatable('truncated');
      this.held |= this.bytes[this.at++] << this.count;
      this.count += 8;
    }
    const found = this.held & ((1 << wanted) - 1);
    this.held >>>= wanted;
    this.count -= wanted;
    return found;
  }

  /** Drops the rest of a byte begun. */
  align() {
    this.held = 0;
    this.count = 0;
  }
}

/** Codes by length and then by symbol (RFC 1951 section 3.2.2). A set must be complete, but for one code of one bit. */
function codes(lengths, mayBeSingle) {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length] += 1;
  let longest = 15;
  while (longest > 0 && !counts[longest]) longest -= 1;
  let left = 1;
  for (let length = 1; length <= 15; length += 1) {
    left = left * 2 - counts[length];
    if (left < 0) throw new Undeflatable('malformed');
  }
  if (left > 0 && longest > 0 && !(mayBeSingle && longest === 1)) throw new Undeflatable('malformed');
  const offsets = new Uint16Array(16);
  for (let length = 1; length < 15; length += 1) offsets[length + 1] = offsets[length] + counts[length];
  const symbols = new Uint16Array(lengths.length);
  lengths.forEach((length, symbol) => {
    if (length) symbols[offsets[length]++] = symbol;
  });
  return { counts, symbols, longest: Math.max(1, longest) };
}

function decode(bits, { counts, symbols, longest }) {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= longest; length += 1) {
    code |= bits.take(1);
    const count = counts[length];
    if (code - count < first) return symbols[index + (code - first)];
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw new Undeflatable('malformed');
}

const FIXED_LENGTHS = Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8));
const FIXED = [codes(FIXED_LENGTHS, false), codes(new Array(32).fill(5), false)];

function written(bits) {
  const literals = bits.take(5) + 257;
  const distances = bits.take(5) + 1;
  const few = bits.take(4) + 4;
  if (literals > 286 || distances > 30) throw new Undeflatable('malformed');
  const short = new Array(19).fill(0);
  for (let at = 0; at < few; at += 1) short[ORDER[at]] = bits.take(3);
  const coded = codes(short, false);
  const lengths = [];
  while (lengths.length < literals + distances) {
    const symbol = decode(bits, coded);
    if (symbol < 16) {
      lengths.push(symbol);
      continue;
    }
    if (symbol === 16 && !lengths.length) throw new Undeflatable('malformed');
    const value = symbol === 16 ? lengths[lengths.length - 1] : 0;
    const repeat = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    if (lengths.length + repeat > literals + distances) throw new Undeflatable('malformed');
    for (let count = 0; count < repeat; count += 1) lengths.push(value);
  }
  if (!lengths[256]) throw new Undeflatable('malformed');
  return [codes(lengths.slice(0, literals), true), codes(lengths.slice(literals), true)];
}

class Out {
  constructor(most) {
    this.most = most;
    this.bytes = new Uint8Array(Math.min(most, 4096));
    this.length = 0;
  }

  push(byte) {
    if (this.length >= this.most) throw new Undeflatable('too-large');
    if (this.length === this.bytes.length) {
      const wider = new Uint8Array(Math.min(this.most, this.bytes.length * 2));
      wider.set(this.bytes);
      this.bytes = wider;
    }
    this.bytes[this.length++] = byte;
  }
}

function stored(bits, out) {
  bits.align();
  const length = bits.take(16);
  if (length !== (bits.take(16) ^ 0xffff)) throw new Undeflatable('malformed');
  for (let count = 0; count < length; count += 1) out.push(bits.take(8));
}

function block(bits, out, [literals, distances]) {
  for (;;) {
    const symbol = decode(bits, literals);
    if (symbol === 256) return;
    if (symbol < 256) {
      out.push(symbol);
      continue;
    }
    if (symbol > 285) throw new Undeflatable('malformed');
    const length = LENGTHS[symbol - 257] + bits.take(LENGTH_BITS[symbol - 257]);
    const far = decode(bits, distances);
    if (far > 29) throw new Undeflatable('malformed');
    const distance = DISTANCES[far] + bits.take(DISTANCE_BITS[far]);
    if (distance > out.length) throw new Undeflatable('malformed');
    for (let count = 0; count < length; count += 1) out.push(out.bytes[out.length - distance]);
  }
}

/** What raw DEFLATE holds, and how many bytes of `data` it took. Throws Undeflatable. */
export function inflateRaw(data, most) {
  const bits = new Bits(data);
  const out = new Out(most);
  let isLast = 0;
  while (!isLast) {
    isLast = bits.take(1);
    const kind = bits.take(2);
    if (kind === 3) throw new Undeflatable('malformed');
    if (kind === 0) stored(bits, out);
    else block(bits, out, kind === 1 ? FIXED : written(bits));
  }
  return { bytes: out.bytes.slice(0, out.length), used: bits.at };
}

function adler32(bytes) {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return ((high << 16) | low) >>> 0;
}

/** What a zlib stream holds, and how many bytes it took. Throws Undeflatable. */
export function inflateZlib(data, most) {
  if (data.length < 2) throw new Undeflatable('truncated');
  const [method, flags] = data;
  if (((method << 8) | flags) % 31 || (method & 15) !== 8 || method >> 4 > 7 || flags & 32) throw new Undeflatable('malformed');
  const { bytes, used } = inflateRaw(data.subarray(2), most);
  const end = used + 6;
  if (data.length < end) throw new Undeflatable('truncated');
  if (new DataView(data.buffer, data.byteOffset).getUint32(end - 4) !== adler32(bytes)) throw new Undeflatable('malformed');
  return { bytes, used: end };
}
