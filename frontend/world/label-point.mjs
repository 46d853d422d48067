/** A point well inside a polygon: of a grid of points, the one farthest from every edge, refined twice. */
export function innermost([ring]) {
  let box = bounds(ring);
  let best = { place: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], distance: -Infinity };
  for (let round = 0; round < 3; round += 1) {
    for (const place of grid(box)) {
      const distance = signedDistance(place, ring);
      if (distance > best.distance) best = { place, distance };
    }
    const [width, height] = [(box[2] - box[0]) / STEPS, (box[3] - box[1]) / STEPS];
    const [x, y] = best.place;
    box = [x - width, y - height, x + width, y + height];
  }
  return best.place.map((value) => +value.toFixed(2));
}

const STEPS = 12;

function bounds(ring) {
  const xs = ring.map((place) => place[0]);
  const ys = ring.map((place) => place[1]);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function* grid([west, south, east, north]) {
  for (let i = 0; i < STEPS; i += 1) {
    for (let j = 0; j < STEPS; j += 1) {
      yield [west + ((i + 0.5) / STEPS) * (east - west), south + ((j + 0.5) / STEPS) * (north - south)];
    }
  }
}

function signedDistance([x, y], ring) {
  let inside = false;
  let nearest = Infinity;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [ax, ay] = ring[i];
    const [bx, by] = ring[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    nearest = Math.min(nearest, segmentDistance(x, y, ax, ay, bx, by));
  }
  return inside ? nearest : -nearest;
}

function segmentDistance(x, y, ax, ay, bx, by) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2;
}
