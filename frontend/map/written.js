/* How names are written. The map sets letters one by one, which is right for Chinese and Latin; Arabic letters join and
 * run from right to left, so there the browser itself writes each name as a picture, and the map places that. */
const MARK = 'written';
const SIZES = { country: 14, city: 12 };
const DOT = 2.5;
// Pictures are drawn twice as large as shown, for screens with fine dots.
const FINE = 2;

/** Layout of a symbol layer for the expression `name`; `kind` is "country" or "city", and a city has a dot. */
export const writer = (isPictured) => (name, kind) => {
  if (isPictured) {
    const picture = ['concat', `${MARK}|${kind}|`, name];
    return { 'icon-image': picture, 'icon-padding': 3, 'icon-anchor': kind === 'city' ? 'right' : 'center' };
  }
  const text = { 'text-field': name, 'text-font': ['sans-serif'] };
  return kind === 'city' ? { ...text, 'icon-image': `${MARK}|city|` } : text;
};

/** Answers the map when it asks for a picture it lacks. `colours` says which colours hold at that moment. */
export function writePictures(map, colours) {
  map.setMissingStyleImageResolver((id) => {
    const [mark, kind, ...words] = id.split('|');
    if (mark !== MARK || map.hasImage(id)) return;
    map.addImage(id, picture(words.join('|'), kind, colours()), { pixelRatio: FINE });
  });
}

function picture(text, kind, colour) {
  const canvas = document.createElement('canvas');
  const draw = canvas.getContext('2d', { willReadFrequently: true });
  const size = SIZES[kind] * FINE;
  const dot = kind === 'city' ? DOT * FINE : 0;
  const font = `600 ${size}px system-ui, sans-serif`;
  draw.font = font;
  const width = text ? Math.ceil(draw.measureText(text).width) + 12 : 0;
  canvas.width = width + 2 * dot + 4;
  canvas.height = text ? size * 1.6 : canvas.width;
  const middle = canvas.height / 2;
  // A canvas forgets its settings when its size changes.
  Object.assign(draw, { font, textAlign: 'center', textBaseline: 'middle', lineWidth: 6, lineJoin: 'round' });
  draw.strokeStyle = colour.halo;
  draw.fillStyle = kind === 'city' ? colour.city : colour.name;
  draw.strokeText(text, width / 2, middle);
  draw.fillText(text, width / 2, middle);
  if (dot) paintDot(draw, canvas.width - dot - 2, middle, dot);
  return draw.getImageData(0, 0, canvas.width, canvas.height);
}

function paintDot(draw, x, y, radius) {
  draw.lineWidth = 3;
  draw.beginPath();
  draw.arc(x, y, radius, 0, 2 * Math.PI);
  draw.stroke();
  draw.fill();
}
