/* The map. A page asks for it with `<div data-oc-map ...>` (template tag oc_map); what it shows is also in a
 * list on the same page, so that nobody needs the map. */
import { Map, NavigationControl, setWorkerUrl } from 'maplibre-gl';
import { addCells } from './cells.js';
import { cities } from './cities.js';
import { addHazards } from './hazards.js';
import { attachPin } from './pin.js';
import { coloursOf, style } from './style.js';
import { writePictures } from './written.js';

const calm = matchMedia('(prefers-reduced-motion: reduce)');
const nightfall = matchMedia('(prefers-color-scheme: dark)');

export const isDark = () => {
  const choice = document.documentElement.dataset.colorScheme;
  return choice === 'dark' || (choice !== 'light' && nightfall.matches);
};

async function draw(box, options = {}) {
  setWorkerUrl(box.dataset.worker);
  const [worldview, named] = await Promise.all([
    fetch(box.dataset.worldview).then((response) => response.json()),
    // A map without its cities is still a map.
    cities(box.dataset.cities).catch(() => ({ type: 'FeatureCollection', features: [] })),
  ]);
  const { countries, borders, labels } = box.dataset;
  const sources = { countries, borders, labels, cities: named };
  const language = document.documentElement.lang.split('-')[0];
  const view = box.dataset.view.split(',').map(Number);
  const make = () => style({ sources, worldview, language, dark: isDark() });
  const map = new Map({
    container: box,
    style: make(),
    center: [view[0], view[1]],
    zoom: view[2],
    maxZoom: 14,
    fadeDuration: calm.matches ? 0 : 150,
    dragRotate: false,
    pitchWithRotate: false,
    // A page scrolls past the map; two fingers or Ctrl move it.
    cooperativeGestures: true,
    attributionControl: { compact: true, customAttribution: worldview.notice?.[language] ?? worldview.notice?.en ?? '' },
    locale: JSON.parse(box.dataset.words || '{}'),
  });
  writePictures(map, () => coloursOf(isDark()));
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), document.dir === 'rtl' ? 'top-right' : 'top-left');
  // The box around it is the landmark; the canvas inside is one control of it.
  map.getCanvas().setAttribute('role', 'application');
  const recolour = () => {
    box.toggleAttribute('data-map-dark', isDark());
    map.setStyle(make(), { diff: false });
    map.once('style.load', () => options.layers?.(map));
  };
  document.addEventListener('oc:scheme', recolour);
  nightfall.addEventListener('change', recolour);
  box.toggleAttribute('data-map-dark', isDark());
  map.once('idle', () => box.setAttribute('data-drawn', ''));
  return map;
}

export async function drawBoard(box) {
  const layers = (map) => {
    if (box.dataset.hazards) addHazards(map, box.dataset.hazards);
    if (box.dataset.cells) addCells(map, box.dataset.cells);
  };
  const map = await draw(box, { layers });
  map.once('load', () => {
    layers(map);
    if (box.dataset.bounds) map.fitBounds(JSON.parse(box.dataset.bounds), { padding: 32, maxZoom: 8, animate: false });
  });
}

export async function drawPicker(box) {
  const map = await draw(box);
  map.once('load', () => attachPin(map, box));
}
