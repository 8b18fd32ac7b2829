// Tables: sorted by their headers, filtered with the pictures, and one under each picture with its numbers.

const mostRows = 500; // shown of a picture's data; the CSV has all
const roundedNote =
  'In this table and in its CSV values are rounded to 4 significant digits; cells.csv, layers.csv and epochs.csv, ' +
  'in the folder of results, have all of them.';

function dataDetails(chart) {
  const details = element(
    'details',
    { class: 'data' },
    element('summary', {}, 'Data', element('span', { class: 'unseen' }, ` of ${chart.picture.title}`)),
    element('p', { class: 'more' }, roundedNote),
  );
  details.addEventListener('toggle', () => details.open && refreshData(chart));
  return details;
}

function refreshData(chart) {
  const details = chart.table;
  if (!details.open) return;
  find('.scroll', details)?.remove();
  find('.rest', details)?.remove();
  const { header, rows } = dataOf(chart.picture, chart.view);
  const shown = rows.slice(0, mostRows);
  const isNumber = header.map((_, i) => shown.every((row) => row[i] == null || typeof row[i] === 'number'));
  const cell = (name, value, i, attributes = {}) =>
    element(
      name,
      { class: isNumber[i] ? 'number' : null, ...attributes },
      typeof value === 'number' ? numberText(value) : (value ?? '–'),
    );
  details.append(
    element(
      'div',
      { class: 'scroll', role: 'region', 'aria-label': `Data of ${chart.picture.title}`, tabindex: '0' },
      element(
        'table',
        {},
        element(
          'thead',
          {},
          element('tr', {}, ...header.map((name, i) => cell('th', name.replaceAll('_', ' '), i, { scope: 'col' }))),
        ),
        element('tbody', {}, ...shown.map((row) => element('tr', {}, ...row.map((value, i) => cell('td', value, i))))),
      ),
    ),
  );
  if (rows.length > shown.length)
    details.append(element('p', { class: 'more rest' }, `${rows.length - shown.length} more rows are in the CSV.`));
}

// Which combinations a row is about: by id of the cell, by label, or by its settings; null where it is about none.
function rowMatcher(names) {
  const byId = names.indexOf('cell_id');
  const byLabel = ['combination', 'cell'].map((name) => names.indexOf(name)).find((i) => i >= 0) ?? -1;
  const bySetting = axes.map((axis) => names.indexOf(axis.name));
  const index = new Map();
  combinations.label.forEach((label, subject) => {
    for (const key of [`label ${label}`, `id ${page.cells.id[combinations.cell[subject]]}`])
      index.set(key, [...(index.get(key) ?? []), subject]);
  });
  return (texts) => {
    const direct =
      (byId >= 0 && index.get(`id ${texts[byId]}`)) || (byLabel >= 0 && index.get(`label ${texts[byLabel]}`));
    if (direct) return direct;
    if (bySetting.every((i) => i < 0)) return null;
    const found = [];
    for (let subject = 0; subject < nCombinations; ++subject)
      if (
        bySetting.every((column, axis) => {
          const value = combinations.values[subject][axis];
          return column < 0 || texts[column] === (value < 0 ? '–' : page.axes[axis].values[value]);
        })
      )
        found.push(subject);
    return found.length ? found : null;
  };
}

function compareTexts(a, b) {
  if (a === '–' || b === '–') return a === b ? 0 : a === '–' ? 1 : -1; // missing ones last, either way
  const [x, y] = [Number(a), Number(b)];
  return Number.isFinite(x) && Number.isFinite(y) ? x - y : a.localeCompare(b, 'en', { numeric: true });
}

// As the program marks them.
const healthTones = {
  healthy: 'good',
  exploding: 'bad',
  dead: 'bad',
  diverged: 'bad',
  saturated: 'doubtful',
  vanishing: 'doubtful',
};
const mostRanked = 10; // of the best and of the worst

// Whether a table ranks combinations: from which end, how many and of which folder.
function rankingOf(id) {
  const [, kind, folder] = /^(best|worst|ranking)(?:-(\d+))?$/.exec(id) ?? [];
  return (
    kind && { sign: kind === 'worst' ? 1 : -1, most: kind === 'ranking' ? Infinity : mostRanked, folder: folder ?? 0 }
  );
}

// Rows of what the filters leave, ranked anew: as the program writes them, of combinations no seed of which diverged.
function rankedRows({ sign, most, folder }) {
  const { mean, std, ci, n, health } = page.cells;
  const of = (subject) => combinations.cell[subject];
  const fixed = (value) => value?.toFixed(4) ?? '–';
  return combinations.cell
    .map((cell, subject) => subject)
    .filter((subject) => visible[subject] && combinations.folder[subject] === Number(folder))
    .filter((subject) => n[of(subject)][0] > 0 && n[of(subject)][1] === 0 && mean[of(subject)] != null)
    .sort((a, b) => sign * (mean[of(a)] - mean[of(b)]))
    .slice(0, most)
    .map((subject) => {
      const cell = of(subject);
      const numbers = [mean[cell], std[cell], ...ci[cell]].map(fixed);
      const row = element(
        'tr',
        {},
        element('td', {}, combinations.label[subject]),
        ...[...numbers, n[cell][0]].map((text) => element('td', { class: 'number' }, text)),
        element('td', { class: healthTones[health[cell]] }, health[cell] ?? '–'),
      );
      row.subjects = [subject];
      return row;
    });
}

function enhanceTable(place) {
  const headers = findAll('thead th', place);
  const body = find('tbody', place);
  const written = findAll('tr', body);
  let rows = written;
  const matches = rowMatcher(headers.map((header) => header.dataset.name));
  const prepare = (row) => {
    row.texts = [...row.cells].map((cell) => cell.textContent);
    row.subjects ??= matches(row.texts);
    if (
      row.subjects?.length !== 1 &&
      !(row.subjects && new Set(row.subjects.map((s) => combinations.cell[s])).size === 1)
    )
      return;
    // The first of its fields opens the panel: a button, so that the keyboard has it too.
    const first =
      row.cells[
        Math.max(
          0,
          headers.findIndex((header) => ['combination', 'cell'].includes(header.dataset.name)),
        )
      ];
    const button = element('button', { type: 'button', class: 'open' }, first.textContent);
    first.replaceChildren(button);
    row.classList.add('opens');
    row.addEventListener('click', () => openPanel(row.subjects[0], button));
  };
  rows.forEach(prepare);
  const sort = () => {
    const i = headers.findIndex((header) => header.hasAttribute('aria-sort'));
    if (i < 0) return;
    const direction = headers[i].getAttribute('aria-sort') === 'ascending' ? 1 : -1;
    const missing = (row) => row.texts[i] === '–';
    body.append(
      ...rows.toSorted((a, b) =>
        missing(a) || missing(b)
          ? compareTexts(a.texts[i], b.texts[i])
          : direction * compareTexts(a.texts[i], b.texts[i]),
      ),
    );
  };
  headers.forEach((header, i) => {
    const button = element('button', { type: 'button', class: 'sort' }, header.textContent);
    header.replaceChildren(button);
    button.addEventListener('click', () => {
      const direction = header.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
      for (const other of headers) other.removeAttribute('aria-sort');
      header.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
      sort();
    });
  });
  const ranking = rankingOf(place.id);
  const empty = element(
    'p',
    { class: 'nothing', hidden: true },
    'Under these filters nothing is left that did not diverge.',
  );
  if (ranking) place.append(empty);
  onFilter(() => {
    if (ranking) {
      rows = isFiltered() ? rankedRows(ranking) : written;
      if (rows !== written) rows.forEach(prepare);
      body.replaceChildren(...rows);
      sort();
      empty.hidden = rows.length > 0;
      return;
    }
    for (const row of rows) row.hidden = row.subjects !== null && !row.subjects.some(isVisible);
  });
}
