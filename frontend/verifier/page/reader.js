/* Finds codes in pictures: with what the browser has, else with ZXing, which is fetched when first needed and kept. */
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { CODES_MOST, FORMATS, textsOf } from './codes.js';

const { wasm } = document.querySelector('[data-oc-verifier]').dataset;
const OWN_FORMATS = ['qr_code', 'aztec', 'data_matrix'];
// A code of 177 modules still has a dozen pixels a module on a photo it fills.
const SIDE_MOST = 3000;
const HURRIED = { formats: FORMATS, tryHarder: false, tryInvert: false, tryDownscale: true, maxNumberOfSymbols: 2 };
const PATIENT = { formats: FORMATS, tryHarder: true, maxNumberOfSymbols: CODES_MOST };

let own = null;

/** Gets the reader ready, so that the first code is not kept waiting. */
export async function prepare() {
  own ??= ownDetector();
  if (await own) return;
  prepareZXingModule({ overrides: { locateFile: () => wasm } });
  await readBarcodes(new ImageData(8, 8), HURRIED);
}

async function ownDetector() {
  if (!('BarcodeDetector' in window)) return null;
  const known = await BarcodeDetector.getSupportedFormats();
  return known.includes('qr_code') ? new BarcodeDetector({ formats: OWN_FORMATS.filter((one) => known.includes(one)) }) : null;
}

/** The texts of the codes in a frame of the camera. */
export async function codesIn(frame) {
  await prepare();
  const detector = await own;
  if (detector) return (await detector.detect(frame)).map((one) => one.rawValue);
  return textsOf(await readBarcodes(frame, HURRIED));
}

/** The texts of the codes in a picture somebody chose, of any kind the browser can show. Throws when it can show none. */
export async function codesInFile(file) {
  prepareZXingModule({ overrides: { locateFile: () => wasm } });
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIDE_MOST / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
  context.drawImage(picture, 0, 0, width, height);
  picture.close();
  return textsOf(await readBarcodes(context.getImageData(0, 0, width, height), PATIENT));
}

/** Whether a file is a photo as iPhones keep them (brands of ISO/IEC 23008-12), which few browsers can show. */
export async function isHeic(file) {
  const head = String.fromCharCode(...new Uint8Array(await file.slice(4, 12).arrayBuffer()));
  return /^ftyp(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(head);
}
