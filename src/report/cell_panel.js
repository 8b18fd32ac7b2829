// One combination in full, at the side of the page: its settings, what became of its seeds, its curve and its layers.

let openSubject = -1;
let panel = null;
let cameFrom = null;

const tensorNames = { delta: 'delta', weight_gradient: 'weight gradient', activation: 'activation' };

function openPanel(subject, from) {
  openSubject = subject;
  if (from) cameFrom = from;
  openCell = cellAddress(subject);
  writeAddress();
  panel.hidden = false;
  fillPanel(subject);
  find('h2', panel).focus({ preventScroll: true });
  panel.scrollTop = 0;
  hideTip();
  for (const chart of charts) chart.showSelection();
}

function closePanel() {
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  openSubject = -1;
  openCell = '';
  writeAddress();
  for (const chart of charts) chart.showSelection();
  if (cameFrom?.isConnected) cameFrom.focus({ preventScroll: true });
  cameFrom = null;
}

// The id of its cell; of several folders, which may have cells in common, with the folder's name.
function cellAddress(subject) {
  const id = page.cells.id[combinations.cell[subject]];
  return page.folders.length > 1 ? `${page.folders[combinations.folder[subject]].name}/${id}` : id;
}

// By the id in the address; the first of its names that the filters leave. Without a folder in the address, of any.
function openFromAddress() {
  if (!openCell) return closePanel();
  const named = combinations.cell
    .map((cell, subject) => ([cellAddress(subject), page.cells.id[cell]].includes(openCell) ? subject : -1))
    .filter((s) => s >= 0);
  const subject = named.find(isVisible) ?? named[0];
  if (subject !== undefined && subject !== openSubject) openPanel(subject);
}

function makePanel() {
  panel = element('aside', { class: 'panel', 'aria-labelledby': 'panel-title', hidden: true });
  document.body.append(panel);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) closePanel();
  });
}

// A long label ends its line after a stroke.
const breakable = (label) => label.split(/(?<=\/)/).flatMap((part) => [part, element('wbr')]);

const fact = (name, value) => element('div', {}, element('dt', {}, name), element('dd', {}, value));

function fillPanel(subject) {
  const cell = combinations.cell[subject];
  const of = Object.fromEntries(Object.entries(page.cells).map(([name, column]) => [name, column[cell]]));
  const [ok, diverged, failed] = of.n;
  const counts = [
    [ok, 'ok'],
    [diverged, 'diverged'],
    [failed, 'failed'],
  ]
    .filter(([n]) => n)
    .map(([n, name]) => `${n} ${name}`);
  const between = ([low, high]) => (low == null ? '–' : `${numberText(low)} to ${numberText(high)}`);
  const others = combinations.cell
    .map((other, i) => (other === cell && i !== subject ? combinations.label[i] : null))
    .filter(Boolean);
  const settings = axes
    .map((axis, i) => [axis.name, page.axes[i].values[combinations.values[subject][i]]])
    .filter(([, text]) => text !== undefined);
  const jobs = (page.jobs?.cell ?? []).map((of_job, i) => (of_job === cell ? i : -1)).filter((i) => i >= 0);

  panel.replaceChildren(
    element(
      'header',
      {},
      element(
        'h2',
        { id: 'panel-title', tabindex: '-1' },
        ...breakable(combinations.label[subject] || 'The one combination'),
      ),
      element('button', { type: 'button', class: 'close', 'aria-label': 'Close', onclick: closePanel }, '×'),
    ),
    element('p', { class: 'id' }, of.id, others.length ? ` · also asked for as ${others.join(', ')}` : ''),
    element(
      'dl',
      { class: 'facts lead' },
      fact('test accuracy', numberText(of.mean)),
      fact('std over seeds', numberText(of.std, 2)),
      fact('health at the start', of.health ?? '–'),
    ),
    element(
      'dl',
      { class: 'facts' },
      fact('seeds', counts.join(', ') || 'none yet'),
      fact('95 % interval of the mean', between(of.ci)),
      fact('lowest to highest seed', between(of.range)),
      fact('guessing gets', numberText(of.chance)),
      fact('delta slope, decades a layer', `${numberText(of.slope[0], 3)} → ${numberText(of.slope[1], 3)}`),
      fact('seconds a training', numberText(of.seconds, 3)),
    ),
    element('dl', { class: 'facts settings' }, ...settings.map(([name, value]) => fact(name, value))),
    element(
      'table',
      { class: 'seeds' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...['seed', 'status', 'test accuracy', 'seconds'].map((name, i) =>
            element('th', { scope: 'col', class: i === 1 ? null : 'number' }, name),
          ),
        ),
      ),
      element(
        'tbody',
        {},
        ...jobs.map((i) =>
          element(
            'tr',
            {},
            element('td', { class: 'number' }, page.jobs.seed[i]),
            element('td', { class: page.jobs.status[i] === 'ok' ? null : 'bad' }, page.jobs.status[i]),
            element('td', { class: 'number' }, numberText(page.jobs.accuracy[i])),
            element('td', { class: 'number' }, numberText(page.jobs.seconds[i], 3)),
          ),
        ),
      ),
    ),
  );
  if (page.stride !== 1)
    panel.append(
      element(
        'p',
        { class: 'more' },
        page.stride === 0
          ? 'Curves and layers as the pictures of this large page have them; epochs.csv and layers.csv have all.'
          : `Of curves and layers one point in ${page.stride} is shown; epochs.csv and layers.csv have all.`,
      ),
    );
  for (const picture of panelPictures(of, subject)) {
    const plot = element('div', { class: 'plot' });
    panel.append(
      element(
        'figure',
        { 'aria-label': picture.title },
        element('figcaption', {}, element('h3', {}, picture.title)),
        plot,
      ),
    );
    const width = plot.clientWidth;
    drawSpec(lineSpec(picture, 0, width, pageInk, { panelWidth: width, panelHeight: 130 }), pageInk, width, plot).then(
      () => {
        const image = find('svg', plot);
        image.setAttribute('role', 'img');
        image.setAttribute('aria-label', `${picture.title} of ${combinations.label[subject]}`);
      },
    );
  }
}

// Small line charts, of the same kind as the page's.
function panelPictures(of, subject) {
  const made = [];
  const label = combinations.label[subject];
  const chart = (title, x_title, y_title, log_y, list, named) => {
    const lines = list.filter((line) => line.y >= 0);
    if (lines.length === 0) return;
    const values = lines
      .flatMap((line) => [line.y, line.low, line.high])
      .filter((i) => i >= 0)
      .flatMap((i) => seriesOf(i))
      .filter((value) => value != null && (!log_y || value > 1e-30));
    if (values.length === 0) return;
    let [low, high] = [Math.min(...values), Math.max(...values)];
    if (log_y) [low, high] = [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) + 1e-9)];
    else [low, high] = named ?? [low, high];
    if (low === high) high = log_y ? low * 10 : low + 1;
    const colors = [...new Set(lines.map((line) => line.name))];
    made.push({
      kind: 'lines',
      title,
      note: '',
      x_title,
      y_title,
      log_y,
      column_title: '',
      row_title: '',
      color_title: '',
      dash_title: '',
      columns: [''],
      rows: [''],
      colors,
      dashes: [''],
      views: [
        {
          name: '',
          low,
          high,
          lines: columnsOf(
            lines.map((line) => ({
              column: 0,
              row: 0,
              color: colors.indexOf(line.name),
              dash: 0,
              subject: -1,
              predicted: line.predicted ? 1 : 0,
              first_x: line.first ?? 0,
              step_x: line.step ?? page.stride,
              label,
              y: line.y,
              low: line.low ?? -1,
              high: line.high ?? -1,
            })),
          ),
        },
      ],
    });
  };
  if (page.stride === 0) {
    for (const picture of page.pictures.filter((one) => one.kind === 'lines' && !hasPublished(one)))
      chart(
        picture.title,
        picture.x_title,
        '',
        picture.log_y,
        borrowedLines(picture, combinations.cell[subject]),
        [0, 1],
      );
    return made;
  }
  const band = ([first, y, low, high], name) => ({ first, y, low, high, name });
  const [accuracy, testLoss, trainLoss] = of.curves;
  chart('Test accuracy', 'epoch', '', false, [band(accuracy, '')], [0, 1]);
  chart('Loss', 'epoch', '', true, [band(trainLoss, 'training'), band(testLoss, 'test')]);
  for (const tensor of Object.keys(tensorNames)) {
    const profile = of.profiles.find(([name]) => name === tensor);
    if (!profile) continue;
    const [, first, start, end, predicted] = profile;
    chart(`Rms of ${tensorNames[tensor]}`, 'layer', '', true, [
      { y: start, first, name: 'at the start' },
      { y: end, first, name: 'at the end' },
      { y: predicted, first, name: 'at the start', predicted: true },
    ]);
  }
  return made;
}

// Those of the cell in a picture of the page, by the names of its views.
function borrowedLines(picture, cell) {
  return picture.views.flatMap(({ name, lines }) =>
    lines.subject
      .map((subject, i) => ({
        subject,
        y: lines.y[i],
        low: lines.low[i],
        high: lines.high[i],
        first: lines.first_x[i],
        step: lines.step_x[i],
        predicted: lines.predicted[i] === 1,
        name,
      }))
      .filter((line) => line.subject >= 0 && combinations.cell[line.subject] === cell),
  );
}

function columnsOf(rows) {
  const columns = {};
  for (const row of rows) for (const [name, value] of Object.entries(row)) (columns[name] ??= []).push(value);
  return columns;
}
