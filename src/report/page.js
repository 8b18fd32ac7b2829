// What the page was made from. Every list of marks is columns: marks.value[i] belongs to marks.subject[i].

const page = JSON.parse(document.getElementById('data').textContent);
const combinations = page.combinations ?? { label: [], folder: [], cell: [], values: [] };
const nCombinations = combinations.label.length;

const find = (selector, root = document) => root.querySelector(selector);
const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

// An element; text goes in as text, never as markup.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

const labelOf = (subject) => (subject >= 0 ? combinations.label[subject] : '');

// Text is stored without the label of its combination where it begins with it.
const textOf = (stored, subject) => (Array.isArray(stored) ? labelOf(subject) + stored[0] : stored);

const seriesOf = (index) => (index >= 0 ? page.series[index] : null);

// Four significant digits, as the data has them: 0.9312, 1.2e-7, 1 234.
function numberText(value, digits = 4) {
  if (value == null || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3)
    return value
      .toExponential(digits - 1)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  return String(Number(value.toPrecision(digits)));
}

// "depth" and "5" as "depth 5"; a label that says its settings itself stays.
const namedLabel = (name, label) => (name && label && !label.includes('=') ? `${name} ${label}` : label);

// Words like relu say themselves what they are; a number, or one of these, does not.
const vague = new Set(['true', 'false', 'none', 'auto']);
const wordLabel = (name, label) => (/^[a-z]/i.test(label) && !vague.has(label) ? label : namedLabel(name, label));
