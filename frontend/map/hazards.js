/* Hazard areas and points: GeoJSON features with `colour` (red, orange, yellow, blue), `title`, `word`, `href`. */
import { Popup } from 'maplibre-gl';

const COLOURS = ['match', ['get', 'colour'], 'red', '#cf2e2e', 'orange', '#d9650f', 'yellow', '#c39a00', '#2f74b5'];
const ORDER = ['match', ['get', 'colour'], 'red', 4, 'orange', 3, 'yellow', 2, 1];

export function addHazards(map, url) {
  map.addSource('hazards', { type: 'geojson', data: new URL(url, location.href).href });
  const isArea = ['==', ['geometry-type'], 'Polygon'];
  map.addLayer({
    id: 'hazard-areas', type: 'fill', source: 'hazards', filter: isArea,
    layout: { 'fill-sort-key': ORDER },
    paint: { 'fill-color': COLOURS, 'fill-opacity': 0.22 },
  }, 'cities');
  map.addLayer({
    id: 'hazard-edges', type: 'line', source: 'hazards', filter: isArea,
    layout: { 'line-sort-key': ORDER },
    paint: { 'line-color': COLOURS, 'line-width': 2, 'line-dasharray': [2, 1] },
  }, 'cities');
  map.addLayer({
    id: 'hazard-points', type: 'circle', source: 'hazards', filter: ['==', ['geometry-type'], 'Point'],
    paint: { 'circle-radius': 6, 'circle-color': COLOURS, 'circle-opacity': 0.5, 'circle-stroke-color': COLOURS, 'circle-stroke-width': 2 },
  }, 'names');
  for (const layer of ['hazard-areas', 'hazard-points']) {
    map.on('click', layer, (event) => tell(map, event));
    map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = 'pointer'));
    map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = ''));
  }
}

function tell(map, event) {
  // Cells lie on top: a click meant for them does not open the area below.
  if (map.getLayer('cells') && map.queryRenderedFeatures(event.point, { layers: ['cells'] }).length) return;
  const { title, word, href } = event.features[0].properties;
  const content = document.createElement('p');
  const link = document.createElement(href ? 'a' : 'strong');
  if (href) link.href = href;
  link.textContent = title;
  content.append(word ? `${word} · ` : '', link);
  new Popup({ maxWidth: '18rem' }).setLngLat(event.lngLat).setDOMContent(content).addTo(map);
}
