/* Which codec reads a text, by how the text begins. */
import * as divoc from './divoc.js';
import * as hcert from './hcert.js';
import { TEXT_MOST } from './limits.js';
import * as smart from './smart.js';
import { lengthOf, Unreadable } from './values.js';
import * as vdsNc from './vds-nc.js';

/** What a text presents. Throws Unreadable. */
export function read(text) {
  if (text.startsWith(hcert.PREFIX)) return hcert.read(text);
  if (text.length > TEXT_MOST && lengthOf(text) > TEXT_MOST) throw new Unreadable('text', 'text-too-long');
  const codec = [smart, vdsNc, divoc].find((one) => one.looksLike(text));
  if (codec) return codec.read(text);
  if (['HC', 'HL'].includes(text.slice(0, 2)) && text[3] === ':') throw new Unreadable('text', 'prefix');
  throw new Unreadable('text', 'format-unknown');
}
