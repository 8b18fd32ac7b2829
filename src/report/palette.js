// Colours: the same as those of still pictures; of lines lighter ones on dark paper. In the page the ink follows its
// light or dark by CSS variables, in a downloaded picture it is fixed.

const pageInk = {
  line: (i) => `var(--line-${i})`,
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  grid: 'var(--grid)',
  paper: 'var(--paper)',
  none: 'var(--none)',
};
const printInk = {
  line: (i) => page.colors.lines[i],
  ink: '#1b1e23',
  muted: '#555b63',
  grid: '#e3e3de',
  paper: '#ffffff',
  none: '#dcdcd6',
};

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
const lineColor = (i, ink) => {
  const place = i % page.colors.lines.length;
  return page.colors.lines[place] ? ink.line(place) : ink.ink;
};

const rgbOf = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

// WCAG's relative luminance.
function luminance([red, green, blue]) {
  const linear = (channel) => ((channel /= 255) <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

// WCAG's contrast of two colours, 1 to 21.
function contrast(a, b) {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return Math.max(x, y) / Math.min(x, y);
}

const mixed = (a, b, share) => a.map((channel, i) => channel + (b[i] - channel) * share);

const darkPaper = '#15181c'; // as in report.css
const crowdedOpacity = 0.65; // of lines where there are many

// WCAG 1.4.11 asks for a contrast of 3 of what a picture is made of, and many lines shine through.
function seenOn(paper, color) {
  let seen = color;
  for (let share = 0; contrast(mixed(paper, seen, crowdedOpacity), paper) < 3; share += 0.02)
    seen = mixed(color, [255, 255, 255], share);
  return seen;
}

function addLineColors() {
  const rules = (colorOf) => page.colors.lines.map((hex, i) => (hex ? `--line-${i}:${colorOf(hex)};` : '')).join('');
  const dark = (hex) => `rgb(${seenOn(rgbOf(darkPaper), rgbOf(hex)).map(Math.round).join(' ')})`;
  const light = rules((hex) => hex);
  document.head.append(
    element('style', {}, `:root{${light}} @media screen and (prefers-color-scheme: dark){:root{${rules(dark)}}}`),
  );
}
addLineColors();

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
  return mixed(a, b, place - below);
}
