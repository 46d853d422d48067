/* One pin a person sets: by a click, by dragging it, or with the arrow keys and Enter, which takes the middle of
 * the map. Writes to the two inputs named in data-lat and data-lon. */
import { Marker } from 'maplibre-gl';
import { fill } from '../site/position.js';

export function attachPin(map, box) {
  const value = (selector) => document.querySelector(selector)?.valueAsNumber || Number(document.querySelector(selector)?.value) || null;
  const [lat, lon] = [value(box.dataset.lat), value(box.dataset.lon)];
  const marker = new Marker({ draggable: true, color: '#b3201f' });
  const put = (place) => {
    marker.setLngLat(place).addTo(map);
    fill(box.dataset.lat, place.lat);
    fill(box.dataset.lon, ((((place.lng + 180) % 360) + 360) % 360) - 180);
  };
  if (lat !== null && lon !== null) {
    marker.setLngLat([lon, lat]).addTo(map);
    map.jumpTo({ center: [lon, lat], zoom: 7 });
  }
  map.on('click', (event) => put(event.lngLat));
  document.addEventListener('oc:unpinned', () => marker.remove());
  marker.on('dragend', () => put(marker.getLngLat()));
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    put(map.getCenter());
  });
}
