/* Reads the codes in a PDF, in a worker of its own: a document is a program by a stranger, so it is drawn where it can be
 * stopped from outside, with bounds on pages and pixels. Asked once: {file, urls}; answers {codes} or {fault}, a reason of
 * the reference. Fonts, scripts and forms of the document are left alone; what is drawn is only looked at for codes. */
import { getDocument, PDFWorker } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { FORMATS, CODES_MOST, textsOf } from '../page/codes.js';

const PAGES_MOST = 6;
const PAGE_PIXELS_MOST = 6_000_000;
const SCALE_MOST = 4;
const IMAGE_PIXELS_MOST = 36_000_000;
const PATIENT = { formats: FORMATS, tryHarder: true, maxNumberOfSymbols: CODES_MOST };
const FAULTS = { PasswordException: 'pdf-locked' };

class Canvases {
  create(width, height) {
    const canvas = new OffscreenCanvas(Math.max(1, width), Math.max(1, height));
    return { canvas, context: canvas.getContext('2d', { willReadFrequently: true }) };
  }

  reset({ canvas }, width, height) {
    Object.assign(canvas, { width, height });
  }

  destroy(held) {
    Object.assign(held.canvas, { width: 0, height: 0 });
    Object.assign(held, { canvas: null, context: null });
  }
}

/** Colours do not matter to a code: no filter is applied. */
class NoFilters {
  addFilter() {
    return 'none';
  }

  addHCMFilter() {
    return 'none';
  }

  addAlphaFilter() {
    return 'none';
  }

  addLuminosityFilter() {
    return 'none';
  }

  addHighlightHCMFilter() {
    return 'none';
  }

  destroy() {}
}

/** The decoders of scanned pictures, by the names the build gave them. */
const decoders = (urls) =>
  class {
    async fetch({ filename }) {
      if (!Object.hasOwn(urls, filename)) throw new Error(filename);
      const answer = await fetch(urls[filename]);
      if (!answer.ok) throw new Error(filename);
      return new Uint8Array(await answer.arrayBuffer());
    }
  };

async function codesIn(file, urls) {
  prepareZXingModule({ overrides: { locateFile: () => urls.reader } });
  const port = new Worker(urls.worker, { type: 'module' });
  const task = getDocument({
    data: new Uint8Array(await file.arrayBuffer()),
    worker: PDFWorker.create({ port }),
    CanvasFactory: Canvases,
    FilterFactory: NoFilters,
    BinaryDataFactory: decoders(urls.decoders),
    wasmUrl: 'decoders/',
    useWorkerFetch: false,
    disableWorkerRendering: true,
    disableFontFace: true,
    useSystemFonts: false,
    isEvalSupported: false,
    enableXfa: false,
    isImageDecoderSupported: false,
    maxImageSize: IMAGE_PIXELS_MOST,
    canvasMaxAreaInBytes: 4 * PAGE_PIXELS_MOST,
    ownerDocument: {},
    verbosity: 0,
  });
  const found = [];
  const document = await task.promise;
  for (let number = 1; number <= Math.min(document.numPages, PAGES_MOST); number += 1) {
    const picture = await draw(await document.getPage(number));
    found.push(...textsOf(await readBarcodes(picture, PATIENT)));
  }
  return [...new Set(found)].slice(0, CODES_MOST);
}

async function draw(page) {
  const { width, height } = page.getViewport({ scale: 1 });
  const scale = Math.min(SCALE_MOST, Math.sqrt(PAGE_PIXELS_MOST / (width * height)));
  const viewport = page.getViewport({ scale });
  const [across, down] = [viewport.width, viewport.height].map((side) => Math.max(1, Math.floor(side)));
  const { canvas, context } = new Canvases().create(across, down);
  await page.render({ canvasContext: context, canvas: null, viewport, annotationMode: 0, background: '#fff' }).promise;
  const picture = context.getImageData(0, 0, canvas.width, canvas.height);
  page.cleanup();
  return picture;
}

self.addEventListener('message', async ({ data: { file, urls } }) => {
  if (!urls) return;
  try {
    self.postMessage({ codes: await codesIn(file, urls) });
  } catch (fault) {
    self.postMessage({ fault: FAULTS[fault?.name] ?? 'pdf-broken', detail: String(fault?.stack ?? fault).slice(0, 500) });
  }
});
