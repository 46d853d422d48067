/* Codes in PDF documents, read in a worker that is ended when it takes too long. */
const { wasm, pdf, pdfWorker, jbig2, openjpeg } = document.querySelector('[data-oc-verifier]').dataset;
const SECONDS_MOST = 10;
export const BYTES_MOST = 24 * 1024 * 1024;

const absolute = (address) => new URL(address, location.href).href;

/** Whether this browser can draw documents off the page; where it cannot, the server is asked. */
export const canDraw = () => typeof OffscreenCanvas === 'function' && Boolean(OffscreenCanvas.prototype.getContext) && typeof Worker === 'function';

export const isDocument = async (file) => {
  const start = new Uint8Array(await file.slice(0, 1024).arrayBuffer());
  return String.fromCharCode(...start).includes('%PDF-');
};

/** The texts of the codes in a document, or the reason why it cannot be read: {codes} or {fault}. */
export function codesInDocument(file) {
  const worker = new Worker(pdf, { type: 'module' });
  const urls = { reader: absolute(wasm), worker: absolute(pdfWorker), decoders: { 'jbig2.wasm': absolute(jbig2), 'openjpeg.wasm': absolute(openjpeg) } };
  return new Promise((resolve) => {
    const end = (answer) => {
      clearTimeout(bell);
      worker.terminate();
      resolve(answer);
    };
    const bell = setTimeout(end, SECONDS_MOST * 1000, { fault: 'pdf-too-slow' });
    worker.addEventListener('message', ({ data }) => end(data));
    worker.addEventListener('error', () => end({ fault: 'pdf-broken' }));
    worker.postMessage({ file, urls });
  });
}
