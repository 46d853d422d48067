/* Cities: a dot and a name, from the zoom on that each is worth. One small file a language, made by tools/assets.py:
 * rows of longitude, latitude, zoom and name, the more important first. */
export async function cities(url) {
  const rows = await fetch(url).then((response) => response.json());
  const features = rows.map(([lon, lat, zoom, name], rank) => ({
    type: 'Feature',
    properties: { zoom, name, rank },
    geometry: { type: 'Point', coordinates: [lon, lat] },
  }));
  return { type: 'FeatureCollection', features };
}

const GREAT = 3;
const around = (em) => ['left', [em, 0], 'right', [-em, 0], 'top', [0, em], 'bottom', [0, -em]];

/** Names go around the dot to where there is room; where there is none, the dot stays away with its name. */
export const cityNames = (colour, written) => ({
  id: 'cities',
  type: 'symbol',
  source: 'cities',
  filter: ['<=', ['get', 'zoom'], ['zoom']],
  layout: {
    ...written(['get', 'name'], 'city'),
    'text-size': ['interpolate', ['linear'], ['zoom'], 3, 11, 8, 13],
    // Close to the dot. The great ones also a little farther, where a number of people covers that: there one asks.
    'text-variable-anchor-offset': ['case', ['<=', ['get', 'zoom'], GREAT], ['literal', [...around(0.5), ...around(2)]], ['literal', around(0.5)]],
    'icon-optional': true,
    'text-justify': 'auto',
    'text-max-width': 8,
    'text-padding': 6,
    'symbol-sort-key': ['get', 'rank'],
  },
  paint: { 'text-color': colour.city, 'text-halo-color': colour.halo, 'text-halo-width': 1.2 },
});
