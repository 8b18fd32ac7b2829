// Pictures as specifications of Vega-Lite: heat maps, bars and timelines.
//
// Domains are those of the whole picture, so that a colour means the same whatever is filtered; only labels that have
// nothing left to show go away. Facets are laid out here, as many panels side by side as the width holds.

const fontSize = 11;
const textWidth = (text) => 6.4 * [...String(text)].length;
const longest = (texts) => Math.max(0, ...texts.map(textWidth));

function config(ink, width) {
  const font = getComputedStyle(document.documentElement).getPropertyValue('--font').trim() || 'sans-serif';
  return {
    font,
    background: null,
    padding: 2,
    view: { stroke: null },
    axis: {
      labelColor: ink.muted,
      titleColor: ink.muted,
      gridColor: ink.grid,
      tickColor: ink.grid,
      domainColor: ink.grid,
      labelFontSize: fontSize,
      titleFontSize: fontSize,
      titleFontWeight: 'normal',
      labelLimit: 260,
      titlePadding: 8,
    },
    legend: {
      labelColor: ink.ink,
      titleColor: ink.muted,
      labelFontSize: fontSize,
      titleFontSize: fontSize,
      titleFontWeight: 'normal',
      labelLimit: 260,
      orient: 'top',
      offset: 14,
      titlePadding: 6,
      gradientThickness: 10,
      gradientLength: 220,
      symbolStrokeWidth: 2.5,
      layout: {
        top: { anchor: 'start', direction: width < 620 ? 'vertical' : 'horizontal', margin: width < 620 ? 8 : 36 },
      },
    },
    text: { fontSize, color: ink.ink },
    title: {
      color: ink.ink,
      subtitleColor: ink.muted,
      anchor: 'start',
      fontSize: 15,
      subtitleFontSize: 11,
      offset: 14,
      subtitlePadding: 5,
    },
  };
}

// As many legend entries in a row as fit.
const legendColumns = (labels, width) =>
  Math.max(1, Math.min(labels.length, Math.floor(width / (longest(labels) + 34))));

// Of categories: those that are shown, in the colours of squares and bars.
const categoryLegend = (categories, rows, labelOf, width, signs = null) => {
  const shown = categories.filter((category) => rows.some((row) => labelOf(row) === category));
  return {
    title: null,
    symbolType: 'square',
    symbolSize: 140,
    symbolStrokeWidth: 0,
    values: shown,
    columns: legendColumns(shown, width),
    ...(signs ? { labelExpr: `${JSON.stringify(signs)}[datum.label] + '  ' + datum.label` } : {}),
  };
};
const categoryScale = (categories) => ({ domain: categories, range: categories.map((_, i) => categoryColor(i)) });

// Of each category its first letter; its number where two begin alike, as still pictures have it.
function categorySigns(categories) {
  const letters = categories.map((category) => [...category][0]?.toUpperCase());
  const isAlone = (letter) => letter && letters.filter((other) => other === letter).length === 1;
  return Object.fromEntries(
    categories.map((category, i) => [category, isAlone(letters[i]) ? letters[i] : String(i + 1)]),
  );
}

// Above each panel, cut off where it would reach into the next.
const panelTitle = (ink, limit) => ({
  transform: [{ filter: 'datum.title != null' }],
  mark: {
    type: 'text',
    align: 'left',
    baseline: 'bottom',
    fontWeight: 600,
    fontSize: 12,
    aria: false,
    clip: false,
    limit,
  },
  encoding: {
    x: { value: 0 },
    y: { value: -7 },
    text: { field: 'title', type: 'nominal' },
    color: { value: ink },
  },
});

// Panels in reading order, `columns` of them in a row: their places in the facet.
function placePanels(rows, panelOf, columns) {
  const panels = [...new Set(rows.map(panelOf))].sort((a, b) => a - b);
  const place = new Map(panels.map((panel, i) => [panel, i]));
  const seen = new Set();
  for (const row of rows) {
    const i = place.get(panelOf(row));
    row.panel_row = Math.floor(i / columns);
    row.panel_column = i % columns;
    row.is_first = !seen.has(i);
    seen.add(i);
  }
}

// Fewer columns where the last row would be all but empty; the panels of several folders stay side by side.
function evenColumns(n, most) {
  const together = page.folders?.length > 1 && n % page.folders.length === 0 ? page.folders.length : 1;
  if (n <= most || most < together) return most;
  const whole = most - (most % together);
  return together * Math.ceil(n / Math.ceil(n / whole) / together);
}

const facet = {
  row: { field: 'panel_row', type: 'ordinal', header: null },
  column: { field: 'panel_column', type: 'ordinal', header: null },
};

const logTicks = ({ low, high }) => [0, 1, 2, 3].map((i) => low * (high / low) ** (i / 3));

// Of text on a square: what its row says is read best.
const readable = (ink) => ({
  condition: [
    { test: "datum.ink === '#ffffff'", value: '#ffffff' },
    { test: "datum.ink === '#111111'", value: '#111111' },
  ],
  value: ink.ink,
});

const squarePadding = { x: 0.05, y: 0.08 }; // parts of a step, between squares

function heatSpec(picture, width, ink) {
  const rows = visibleRows(picture.cells);
  const used = (name, labels) => labels.filter((_, i) => rows.some((row) => row[name] === i));
  const [x, y] = [used('x', picture.x), used('y', picture.y)];
  const panels = [...new Set(rows.map((row) => row.panel))];
  const titleOf = (panel) => namedLabel(picture.panel_title, picture.panels[panel]) || '';
  const titleWidth = Math.min(0.92 * longest(panels.map(titleOf)), 300);
  const leastGap = 18;
  const room = width - Math.min(longest(y), 260) - 16;
  let columns = Math.max(1, panels.length);
  const step = () => (room - leastGap * (columns - 1)) / (columns * Math.max(1, x.length));
  const pitch = () => (room + leastGap) / columns; // from panel to panel, as far as there is room
  while (columns > 1 && (step() < 44 || pitch() < titleWidth + 12)) --columns;
  columns = evenColumns(panels.length, columns);
  const stepX = Math.min(Math.max(step(), 13), 72);
  // Titles that are wider than their panels keep these apart.
  const gap = columns > 1 ? Math.max(leastGap, titleWidth + 12 - x.length * stepX) : leastGap;
  const titleRoom = columns > 1 ? x.length * stepX + gap - 8 : Math.max(room, x.length * stepX);
  const stepY = y.length > 30 ? 20 : 30;
  for (const row of rows) {
    row.x_label = picture.x[row.x];
    row.y_label = picture.y[row.y];
    row.ink = row.value == null ? ink.ink : inkOn(colorOf(picture.color, row.value));
    row.category = row.value == null ? null : (picture.color.categories[row.value] ?? null);
    row.shown = row.text || row.category || '';
  }
  // A word that says a category is a letter where it is too long; numbers are whole or not there.
  const hasRoom = (texts) => stepX >= 8 + longest(texts);
  let signs = null;
  if (!hasRoom(rows.map((row) => row.shown))) {
    if (picture.color.categories.length) signs = categorySigns(picture.color.categories);
    for (const row of rows) row.shown = signs?.[row.category] ?? '';
  }
  placePanels(rows, (row) => row.panel, columns);
  for (const row of rows) row.title = row.is_first ? titleOf(row.panel) || null : null;
  const sides = picture.boundary ? boundarySides(rows, x, y) : [];

  const { categories } = picture.color;
  const color = categories.length
    ? {
        field: 'category',
        type: 'nominal',
        scale: categoryScale(categories),
        legend: categoryLegend(categories, rows, (row) => row.category, room, signs), // above the panels
      }
    : {
        field: 'value',
        type: 'quantitative',
        scale: {
          ...colorStops(picture.color),
          type: picture.color.log ? 'log' : 'linear',
          interpolate: 'rgb',
          clamp: true,
        },
        legend: {
          title: picture.color.title,
          gradientLength: Math.max(60, Math.min(220, room - 10)),
          ...(picture.color.log ? { values: logTicks(picture.color), format: '.2~r' } : { tickCount: 5 }),
        },
      };
  const angle = longest(x) + 6 > stepX ? -40 : 0;
  const ownAxes = columns < panels.length; // under each panel, since the last row may have fewer
  const labelHeight = angle ? Math.min(longest(x), 260) * Math.sin((-angle * Math.PI) / 180) + 10 : 14;
  const axisHeight = ownAxes ? labelHeight + 6 + (picture.x_title ? 20 : 0) : 0;
  const sign = (hasText) => ({
    transform: [{ filter: `datum.mark !== '' && (datum.shown !== '') === ${hasText}` }],
    mark: {
      type: 'text',
      aria: false,
      fontSize: hasText ? 10 : 13,
      fontWeight: 700,
      ...(hasText ? { xOffset: stepX / 2 - 7, yOffset: 8 - stepY / 2 } : {}),
    },
    encoding: { text: { field: 'mark', type: 'nominal' }, color: readable(ink) },
  });
  return {
    data: { name: 'rows', values: [...rows, ...sides] },
    facet,
    // Panels alone count, so that what sticks out of them, as turned labels do, makes the map no wider.
    bounds: 'flush',
    spacing: { row: panels.length > 1 ? 30 + axisHeight : 0, column: gap },
    spec: {
      width: { step: stepX },
      height: { step: stepY },
      encoding: {
        x: {
          field: 'x_label',
          type: 'ordinal',
          sort: null,
          title: picture.x_title || null,
          scale: { domain: x, paddingInner: squarePadding.x, paddingOuter: 0 },
          axis: { labelAngle: angle, ticks: false, domain: false, labelPadding: 6, labelOverlap: false },
        },
        y: {
          field: 'y_label',
          type: 'ordinal',
          sort: null,
          title: null,
          scale: { domain: y, paddingInner: squarePadding.y, paddingOuter: 0 },
          axis: { ticks: false, domain: false, labelPadding: 8, labelOverlap: false },
        },
      },
      layer: [
        {
          transform: [{ filter: '!isValid(datum.side)' }],
          mark: { type: 'rect', cornerRadius: 3, cursor: 'pointer', invalid: null },
          encoding: {
            color: { condition: { test: '!isValid(datum.value)', value: ink.none }, ...color },
            description: { field: 'tip', type: 'nominal' },
          },
        },
        {
          transform: [{ filter: "datum.shown !== ''" }],
          mark: { type: 'text', aria: false },
          encoding: { text: { field: 'shown', type: 'nominal' }, color: readable(ink) },
        },
        sign(true),
        sign(false),
        ...(sides.length ? boundaryLayers(ink) : []),
        panelTitle(ink.ink, titleRoom),
      ],
    },
    resolve: { axis: { x: ownAxes ? 'independent' : 'shared' } },
  };
}

function barSpec(picture, width, ink) {
  const rows = visibleRows(picture.bars);
  const groups = [...new Set(rows.map((row) => row.group))];
  for (const row of rows) {
    row.number = `${(100 * row.value).toFixed(1)} %`;
    row.tip ||= `${row.label}: ${row.number}`;
  }
  const labels = rows.map((row) => row.label);
  const room = Math.min(longest(labels), width * 0.45);
  return {
    data: { name: 'rows', values: rows },
    width: Math.max(120, Math.min(width - room - 70, 720)),
    height: { step: 26 },
    encoding: {
      y: {
        field: 'label',
        type: 'nominal',
        sort: null,
        title: null,
        scale: { domain: labels, paddingInner: 0.25 },
        axis: { ticks: false, domain: false, labelPadding: 8, labelLimit: room + 4 },
      },
      x: {
        field: 'value',
        type: 'quantitative',
        title: picture.value_title,
        axis: { grid: true, tickCount: 5, domain: false, ticks: false, format: '.0%' },
      },
    },
    layer: [
      {
        mark: { type: 'bar', cornerRadiusEnd: 3 },
        encoding: {
          color: {
            field: 'group',
            type: 'nominal',
            scale: categoryScale(groups),
            legend: groups.length > 1 ? categoryLegend(groups, rows, (row) => row.group, width) : null,
          },
          description: { field: 'tip', type: 'nominal' },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 6, aria: false },
        encoding: { text: { field: 'number', type: 'nominal' }, color: { value: ink.ink } },
      },
    ],
  };
}

function timelineSpec(picture, width) {
  const rows = visibleRows(picture.spans);
  for (const row of rows) {
    row.lane_label = picture.lanes[row.lane];
    row.category_label = picture.categories[row.category];
  }
  const room = longest(picture.lanes) + 20;
  return {
    data: { name: 'rows', values: rows },
    width: Math.max(160, width - room - 12),
    height: { step: picture.lanes.length > 16 ? 14 : 26 },
    mark: { type: 'bar', cursor: 'pointer', strokeWidth: 0.6 },
    encoding: {
      x: {
        field: 'start',
        type: 'quantitative',
        title: 'seconds since the first training started',
        scale: { domain: [0, Math.max(1e-9, ...picture.spans.end)], nice: false },
        axis: { tickCount: Math.max(3, Math.floor(width / 110)), domain: false, ticks: false },
      },
      x2: { field: 'end' },
      y: {
        field: 'lane_label',
        type: 'nominal',
        sort: null,
        title: null,
        scale: { domain: picture.lanes, paddingInner: 0.3 },
        axis: { ticks: false, domain: false, labelPadding: 8 },
      },
      stroke: { value: pageInk.paper },
      color: {
        field: 'category_label',
        type: 'nominal',
        scale: categoryScale(picture.categories),
        legend: categoryLegend(picture.categories, rows, (row) => row.category_label, width),
      },
      description: { field: 'tip', type: 'nominal' },
    },
  };
}
