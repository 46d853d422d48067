/* Land, borders and names. No tiles, no glyph files, nothing from elsewhere: names are drawn with the reader's fonts. */
import { cityNames } from './cities.js';
import { writer } from './written.js';

const LIGHT = { sea: '#dbe7f0', land: '#f8f7f3', border: '#a3adb5', name: '#32404c', city: '#45535f', halo: '#ffffff' };
const DARK = { sea: '#0d1822', land: '#212d38', border: '#5a6b7a', name: '#d5dfe7', city: '#b8c5d0', halo: '#0d1822' };

export const coloursOf = (dark) => (dark ? DARK : LIGHT);

export function style({ sources, worldview, language, dark }) {
  const colour = coloursOf(dark);
  const written = writer(language === 'ar');
  const pair = ['get', 'pair'];
  const hidden = ['literal', worldview.hidden_borders ?? []];
  const dashed = ['literal', worldview.dashed_borders ?? []];
  const geojson = (data) => ({ type: 'geojson', data: new URL(data, location.href).href });
  return {
    version: 8,
    sources: {
      countries: geojson(sources.countries),
      borders: geojson(sources.borders),
      labels: geojson(sources.labels),
      cities: { type: 'geojson', data: sources.cities },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': colour.sea } },
      { id: 'land', type: 'fill', source: 'countries', paint: { 'fill-color': colour.land } },
      {
        id: 'borders',
        type: 'line',
        source: 'borders',
        filter: ['all', ['!', ['in', pair, hidden]], ['!', ['in', pair, dashed]]],
        paint: { 'line-color': colour.border, 'line-width': 0.9 },
      },
      {
        id: 'disputed-borders',
        type: 'line',
        source: 'borders',
        filter: ['in', pair, dashed],
        paint: { 'line-color': colour.border, 'line-width': 0.9, 'line-dasharray': [3, 2] },
      },
      // Areas are drawn below both, people between the two.
      cityNames(colour, written),
      names(worldview, language, colour, written),
    ],
  };
}

/** Names stand above the numbers of cells, the larger country first; a small one appears when the map is close. */
function names(worldview, language, colour, written) {
  const own = Object.entries(worldview.names ?? {}).flatMap(([id, name]) => [id, name[language] ?? name.en]);
  const fallback = ['coalesce', ['get', language], ['get', 'en']];
  const lesser = ['literal', worldview.lesser_names ?? []];
  return {
    id: 'names',
    type: 'symbol',
    source: 'labels',
    filter: ['all',
      ['!', ['in', ['get', 'id'], ['literal', worldview.hidden_names ?? []]]],
      ['<=', ['+', ['get', 'rank'], ['case', ['in', ['get', 'id'], lesser], 1, 0]], ['+', 1.1, ['*', ['zoom'], 0.55]]]],
    layout: {
      ...written(own.length ? ['match', ['get', 'id'], ...own, fallback] : fallback, 'country'),
      'text-size': ['interpolate', ['linear'], ['zoom'], 1, 11, 6, 15],
      'text-max-width': 7,
      'text-padding': 3,
      'text-variable-anchor': ['center', 'top', 'bottom'],
      'symbol-sort-key': ['get', 'rank'],
    },
    paint: { 'text-color': colour.name, 'text-halo-color': colour.halo, 'text-halo-width': 1.4 },
  };
}
