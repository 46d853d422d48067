/* People, as counts on a grid the server makes for the part of the map that is seen: never a person.
 * GET url?bbox=west,south,east,north&zoom=4 answers GeoJSON points with `n` and, where known, `help`. */
const EMPTY = { type: 'FeatureCollection', features: [] };

export function addCells(map, url) {
  map.addSource('cells', { type: 'geojson', data: EMPTY });
  const needsHelp = ['>', ['coalesce', ['get', 'help'], 0], 0];
  map.addLayer({
    id: 'cells', type: 'circle', source: 'cells',
    paint: {
      'circle-color': ['case', needsHelp, '#b3161d', '#14507f'],
      'circle-stroke-color': '#ffffff',
      'circle-stroke-width': 1.5,
      'circle-radius': ['interpolate', ['linear'], ['log10', ['max', 1, ['get', 'n']]], 0, 8, 4, 22, 6, 30],
    },
  }, 'names');
  map.addLayer({
    id: 'cell-numbers', type: 'symbol', source: 'cells',
    layout: {
      'text-field': ['coalesce', ['get', 'text'], ['to-string', ['get', 'n']]],
      'text-font': ['sans-serif'],
      'text-size': 11,
      'text-allow-overlap': true,
      // The number's circle keeps cities' names at a distance; countries' names, above it, it never pushes away.
      'text-padding': 9,
    },
    paint: { 'text-color': '#ffffff' },
  }, 'names');
  map.on('click', 'cells', (event) => map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 1.5 }));
  const load = loader(map, url);
  map.on('moveend', load);
  load();
}

function loader(map, url) {
  let current;
  return async () => {
    current?.abort();
    current = new AbortController();
    const [[west, south], [east, north]] = map.getBounds().toArray();
    const box = [Math.max(-180, west), Math.max(-90, south), Math.min(180, east), Math.min(90, north)];
    const address = new URL(url, location.href);
    address.searchParams.set('bbox', box.map((degrees) => degrees.toFixed(3)).join(','));
    address.searchParams.set('zoom', Math.round(map.getZoom()));
    try {
      const response = await fetch(address, { signal: current.signal, headers: { Accept: 'application/geo+json' } });
      if (response.ok) map.getSource('cells')?.setData(await response.json());
    } catch (error) {
      if (error.name !== 'AbortError') map.fire('oc:stale');
    }
  };
}
