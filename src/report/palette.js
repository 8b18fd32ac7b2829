// Colours: the same as those of still pictures. In the page the ink follows its light or dark by CSS variables, in a
// downloaded picture it is fixed.

const pageInk = {
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  grid: 'var(--grid)',
  paper: 'var(--paper)',
  none: 'var(--none)',
};
const printInk = { ink: '#1b1e23', muted: '#555b63', grid: '#e3e3de', paper: '#ffffff', none: '#dcdcd6' };

const dashes = [
  [1, 0],
  [7, 3],
  [3, 2],
  [9, 3, 2, 3],
  [13, 4],
  [5, 2, 1.5, 2, 1.5, 2],
];
const dotted = [0.1, 3.4]; // with round ends

const categoryColor = (i) => page.colors.categories[i % page.colors.categories.length];
const lineColor = (i, ink) => page.colors.lines[i % page.colors.lines.length] ?? ink.ink;

const rgbOf = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

// WCAG's relative luminance.
function luminance([red, green, blue]) {
  const linear = (channel) => ((channel /= 255) <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

// Black or white, whichever is read better on it.
const inkOn = (rgb) => (luminance(rgb) > 0.179 ? '#111111' : '#ffffff');

// The scale as places between low and high, evenly spread, and their colours.
function colorStops(color) {
  const range = color.diverging ? page.colors.diverging : page.colors.sequential;
  const domain = range.map((_, i) => {
    const share = i / (range.length - 1);
    return color.log ? color.low * (color.high / color.low) ** share : color.low + (color.high - color.low) * share;
  });
  return { domain, range };
}

function colorOf(color, value) {
  if (color.categories.length) return rgbOf(categoryColor(value));
  const { range } = colorStops(color);
  const share = color.log
    ? Math.log(value / color.low) / Math.log(color.high / color.low)
    : (value - color.low) / (color.high - color.low);
  const place = Math.min(Math.max(share, 0), 1) * (range.length - 1);
  const below = Math.min(Math.floor(place), range.length - 2);
  const [a, b] = [rgbOf(range[below]), rgbOf(range[below + 1])];
  return a.map((channel, i) => channel + (b[i] - channel) * (place - below));
}
