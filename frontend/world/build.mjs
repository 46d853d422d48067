/* Countries, borders and labels for the map, from Natural Earth by way of `world-atlas` (1:50 million).
 *
 * The polygons of world-atlas are drawn for a sphere; taken as flat ones, Russia, Fiji and Antarctica smear
 * across the map. Projecting them to a plane (1 degree = 1 unit) cuts them at 180 degrees.
 * Names come from CLDR by way of tools/assets.py. */
import { readFile } from 'node:fs/promises';
import { geoArea, geoEquirectangular } from 'd3-geo';
import { geoProject } from 'd3-geo-projection';
import { feature, mesh, neighbors } from 'topojson-client';
import { innermost } from './label-point.mjs';

const json = async (path) => JSON.parse(await readFile(new URL(path, import.meta.url)));
const plane = geoEquirectangular().scale(180 / Math.PI).translate([0, 0]).precision(1);

/** Two decimals, about 1 km, are finer than the source's own detail; small islands keep three and their shape. */
function flip(place, decimals = 2) {
  if (typeof place[0] === 'number') return [+place[0].toFixed(decimals), +(-place[1]).toFixed(decimals)];
  if (typeof place[0][0] !== 'number') return place.map((part) => flip(part));
  const spread = Math.max(...place.map(([x]) => x)) - Math.min(...place.map(([x]) => x));
  const line = place.map((one) => flip(one, spread > 0.5 ? 2 : 3));
  return line.filter((one, i) => i === 0 || i === line.length - 1 || one[0] !== line[i - 1][0] || one[1] !== line[i - 1][1]);
}

export async function world(namesFile) {
  const topology = await json('../../node_modules/world-atlas/countries-50m.json');
  const names = JSON.parse(await readFile(namesFile));
  const shapes = topology.objects.countries.geometries;
  const countries = flat(feature(topology, topology.objects.countries).features);
  return {
    'countries.json': collection(countries.map((one) => ({ ...one, properties: {} }))),
    'borders.json': collection(borders(topology, shapes)),
    'labels.json': collection(countries.flatMap((one) => label(one, names))),
  };
}

const collection = (features) => ({ type: 'FeatureCollection', features });
const flatGeometry = (geometry) => {
  const projected = geoProject(geometry, plane);
  return { ...projected, coordinates: flip(projected.coordinates) };
};
const flat = (features) => features.map((one) => ({ ...one, id: one.id ?? '', geometry: flatGeometry(one.geometry) }));
const idOf = (shape) => shape.id ?? shape.properties.name;

/** One line feature for each pair of neighbours, so that a worldview can hide or dash a single border. */
function borders(topology, shapes) {
  const lines = [];
  neighbors(shapes).forEach((others, index) => {
    for (const other of others.filter((one) => one > index)) {
      const pair = [shapes[index], shapes[other]];
      const line = mesh(topology, { type: 'GeometryCollection', geometries: pair }, (a, b) => a !== b);
      if (line.coordinates.length === 0) continue;
      lines.push({
        type: 'Feature',
        properties: { pair: pair.map(idOf).sort().join('-') },
        geometry: flatGeometry(line),
      });
    }
  });
  return lines;
}

/** Rank 0 is the largest; the map shows small countries only when it is close to them. */
function label(country, names) {
  const name = names[country.id];
  if (!name) return [];
  const parts = country.geometry.type === 'Polygon' ? [country.geometry.coordinates] : country.geometry.coordinates;
  const largest = parts.reduce((best, part) => (extent(part) > extent(best) ? part : best));
  const turned = geoArea({ type: 'Polygon', coordinates: largest });
  // A ring read the wrong way round is the rest of the world.
  const area = Math.min(turned, 4 * Math.PI - turned);
  return [{
    type: 'Feature',
    properties: { id: country.id, ...name, rank: Math.max(0, Math.round(-Math.log10(area) * 10) / 10) },
    geometry: { type: 'Point', coordinates: innermost(largest) },
  }];
}

function extent([ring]) {
  let sum = 0;
  for (let i = 1; i < ring.length; i += 1) sum += ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
  return Math.abs(sum);
}
