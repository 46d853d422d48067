/* Builds everything the browser gets into src/openconsular/web/static/dist. Called by tools/assets.py.
 * One file per purpose and no shared chunks: the server adds a hash to each name, and a file that imported
 * another by name would look for one that no longer exists. */
import { build } from 'esbuild';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withoutUnusedProperties } from './css.mjs';
import { world } from './world/build.mjs';

if (!process.argv[2]) {
  console.error('Run tools/assets.py: it gathers the names of countries and cities and then starts this.');
  process.exit(2);
}

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const OUT = here('../src/openconsular/web/static/dist/');
// What current phones and the in-app browsers built on them understand; older ones get the page without scripts.
const TARGET = ['chrome105', 'firefox121', 'safari15.4'];

const shared = {
  bundle: true,
  minify: true,
  target: TARGET,
  charset: 'utf8',
  legalComments: 'eof',
  logLevel: 'warning',
  logOverride: { 'unsupported-css-nesting': 'silent' },
};

async function scripts() {
  await build({
    ...shared,
    format: 'esm',
    entryPoints: {
      site: here('site/index.js'),
      console: here('console/index.js'),
      map: here('map/index.js'),
      verifier: here('verifier/index.js'),
      'pdf-reader': here('verifier/pdf/index.js'),
      'pdf-worker': here('../node_modules/pdfjs-dist/legacy/build/pdf.worker.mjs'),
      wallet: here('wallet/index.js'),
      'map-worker': here('../node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs'),
    },
    outdir: OUT,
  });
}

async function styles() {
  const result = await build({
    ...shared,
    entryPoints: { site: here('styles/site.css'), console: here('styles/console.css'), map: here('styles/map.css'), verifier: here('verifier/verifier.css') },
    outdir: OUT,
    write: false,
  });
  const all = result.outputFiles.map((file) => file.text).join('\n');
  for (const file of result.outputFiles) {
    await writeFile(file.path, withoutUnusedProperties(file.text, all));
  }
}

async function geography() {
  for (const [name, content] of Object.entries(await world(process.argv[2]))) {
    await writeFile(`${OUT}${name}`, JSON.stringify(content));
  }
  const gathered = dirname(process.argv[2]);
  for (const name of (await readdir(gathered)).filter((one) => one.startsWith('cities-'))) {
    await copyFile(join(gathered, name), `${OUT}${name}`);
  }
}

/** What reads codes, and scans in documents, where the browser cannot: WebAssembly, fetched by the verifier. */
const decoders = () =>
  Promise.all(
    [
      ['zxing-wasm/dist/reader/zxing_reader.wasm', 'zxing_reader.wasm'],
      ['pdfjs-dist/wasm/jbig2.wasm', 'jbig2.wasm'],
      ['pdfjs-dist/wasm/openjpeg.wasm', 'openjpeg.wasm'],
    ].map(([from, name]) => copyFile(here(`../node_modules/${from}`), `${OUT}${name}`)),
  );

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
await Promise.all([scripts(), styles(), geography(), decoders()]);
