// Line charts as specifications of Vega-Lite: panels that share their scales, one row a facet row, wrapped where the
// page is narrow.

const mostDots = 3000; // points shown as dots too
const mostBands = 200; // lines that still have room for bands
const mostBold = 60; // lines that still have room to be thick and opaque

// Where colours begin again, lines go on with other dashes: a key of the scale, the label itself in the first round.
function dashKey(picture, color, dash) {
  const round = Math.floor(color / page.colors.lines.length);
  return picture.dashes[dash] + '\u200b'.repeat(round);
}

function dashScale(picture) {
  const rounds = Math.ceil(picture.colors.length / page.colors.lines.length);
  const domain = [];
  const range = [];
  for (let round = 0; round < rounds; ++round)
    for (let i = 0; i < picture.dashes.length; ++i) {
      domain.push(dashKey(picture, round * page.colors.lines.length, i));
      range.push(dashes[(round * picture.dashes.length + i) % dashes.length]);
    }
  return { domain, range };
}

// Of the panel of a line; a setting that has no meaning there is said so.
function lineTitle(picture, line) {
  const label = (labels, i) => labels[i] || (labels.length > 1 ? noValue : '');
  return [
    wordLabel(picture.column_title, label(picture.columns, line.column)),
    namedLabel(picture.row_title, label(picture.rows, line.row)),
  ]
    .filter(Boolean)
    .join(' · ');
}

// Of an entry of the legend of colours: the dash that lines of its round have.
function roundDash(picture) {
  const { range } = dashScale(picture);
  const rounds = range.length / picture.dashes.length;
  const condition = Array.from({ length: rounds }, (_, round) => ({
    test: `floor(datum.index / ${page.colors.lines.length}) === ${round}`,
    value: range[round * picture.dashes.length],
  }));
  return { condition: condition.slice(1), value: condition[0].value };
}

// The lines with their places; as rows the titles of the panels, whether or not lines have points there, and points.
function lineRows(picture, view, columns) {
  const lines = visibleLines(picture, view);
  const nColumns = picture.columns.length;
  placePanels(lines, (line) => line.row * nColumns + line.column, columns);
  const rows = lines
    .filter((line) => line.is_first)
    .map((line) => ({
      panel_row: line.panel_row,
      panel_column: line.panel_column,
      title: lineTitle(picture, line) || '\u200b',
    }));
  for (const [i, line] of lines.entries()) {
    line.color_label = picture.colors[line.color];
    line.dash_label = dashKey(picture, line.color, line.dash);
    let run = 0;
    for (const [k, point] of line.points.entries()) {
      if (point.y == null) ++run;
      const alone = point.y != null && line.points[k - 1]?.y == null && line.points[k + 1]?.y == null;
      rows.push({
        ...point,
        line: i,
        run,
        subject: line.subject,
        predicted: line.predicted === 1,
        published: line.published === 1,
        alone,
        color_label: line.color_label,
        dash_label: line.dash_label,
        panel_row: line.panel_row,
        panel_column: line.panel_column,
        title: null,
      });
    }
  }
  return { lines, rows };
}

const panelGap = 16;

// How many panels stand side by side: a whole row of them, or a part that divides it well; their titles fit.
function panelColumns(picture, lines, width) {
  const used = new Set(lines.map((line) => line.column)).size || 1;
  const titles = Math.min(240, longest(lines.map((line) => lineTitle(picture, line))) * 1.15);
  const most = Math.max(1, Math.floor((width - 40) / (Math.max(132, titles) + panelGap)));
  if (used === 1) return Math.min(most, Math.max(1, new Set(lines.map((line) => line.row)).size), 4);
  if (used <= most) return used;
  return Math.ceil(used / Math.ceil(used / most));
}

// Labels of a log scale: 0.01, 1, 100, and powers beyond.
const powerText =
  'datum.value >= 0.01 && datum.value < 1000 ? ' +
  "format(datum.value, '~g') : replace(format(datum.value, '.0e'), '+', '')";

function lineSpec(picture, view, width, ink, options = {}) {
  const columns = panelColumns(picture, visibleLines(picture, view), width);
  const { lines, rows } = lineRows(picture, view, columns);
  const { low, high } = picture.views[view];
  const nPanels = rows.filter((row) => row.title != null).length;
  const isUneven = nPanels > columns && nPanels % columns !== 0; // the last row has fewer panels
  const room = width - (picture.log_y ? 72 : 66);
  const panelWidth = Math.max(110, Math.min((room - panelGap * (columns - 1)) / columns, options.panelWidth ?? 420));
  const panelHeight = options.panelHeight ?? Math.max(110, Math.min(panelWidth * 0.72, 190));
  const drawn = rows.filter((row) => row.y != null).length;
  const xs = rows.filter((row) => row.y != null).map((row) => row.x);
  const [firstX, lastX] = xs.length
    ? [xs.reduce((a, b) => Math.min(a, b)), xs.reduce((a, b) => Math.max(a, b))]
    : [0, 1];
  const lightness = lines.length > mostBold ? crowdedOpacity : 1;
  const colorLegend = picture.colors.length > 1 || picture.colors[0];
  const dashLegend = picture.dashes.length > 1;
  const color = {
    field: 'color_label',
    type: 'nominal',
    scale: { domain: picture.colors, range: picture.colors.map((_, i) => lineColor(i, ink)) },
    legend: colorLegend
      ? {
          title: picture.color_title || null,
          symbolType: 'stroke',
          symbolSize: 400, // of both legends, so that their entries are as high
          columns: legendColumns(picture.colors, width),
          symbolOpacity: 1,
          encoding: { symbols: { strokeDash: roundDash(picture) } },
        }
      : null,
  };
  const dash = {
    field: 'dash_label',
    type: 'nominal',
    scale: dashScale(picture),
    legend: dashLegend
      ? {
          title: picture.dash_title || null,
          symbolType: 'stroke',
          symbolSize: 400,
          symbolStrokeColor: ink.ink,
          columns: legendColumns(picture.dashes, width),
          values: picture.dashes,
          labelExpr: `datum.label === '' ? '${noValue}' : datum.label`,
        }
      : null,
  };
  const detail = { field: 'line', type: 'nominal' };
  const hasBands = lines.length <= mostBands && rows.some((row) => row.low != null && row.low !== row.high);
  const layer = [];
  if (hasBands)
    layer.push({
      transform: [{ filter: 'datum.low != null && datum.high != null' }],
      mark: { type: 'area', opacity: 0.16, aria: false, clip: true, strokeWidth: 0 },
      encoding: {
        y: { field: 'low', type: 'quantitative' },
        y2: { field: 'high' },
        color,
        detail: [detail, { field: 'run', type: 'nominal' }],
      },
    });
  if (hasBands && rows.some((row) => row.alone && row.low != null))
    layer.push({
      transform: [{ filter: 'datum.alone && datum.low != null && datum.high != null' }],
      mark: { type: 'rule', opacity: 0.16, strokeWidth: 6, aria: false, clip: false },
      encoding: { y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' }, color },
    });
  layer.push({
    transform: [{ filter: 'datum.predicted === false && datum.published === false' }],
    mark: {
      type: 'line',
      strokeWidth: lines.length > mostBold ? 1.3 : 1.8,
      opacity: lightness,
      clip: true,
      strokeJoin: 'round',
      strokeCap: 'butt',
      aria: false,
      invalid: 'break-paths-show-domains',
    },
    encoding: { color, strokeDash: dash, detail },
  });
  if (rows.some((row) => row.predicted))
    layer.push({
      transform: [{ filter: 'datum.predicted' }],
      mark: {
        type: 'line',
        strokeWidth: 1.5,
        opacity: 0.85,
        clip: true,
        strokeDash: dotted,
        strokeCap: 'round',
        aria: false,
      },
      encoding: { color, detail },
    });
  // Under the dots of what was measured, which may lie in them.
  if (rows.some((row) => row.published))
    for (const [ofPoints, strokeWidth] of [
      [{ value: ink.paper }, 4.5],
      [color, 1.8],
    ])
      layer.push({
        transform: [{ filter: 'datum.published && datum.y != null' }],
        mark: { type: 'point', shape: 'diamond', size: 90, strokeWidth, filled: false, opacity: 1, aria: false },
        encoding: { color: ofPoints },
      });
  layer.push({
    transform: [
      { filter: 'datum.predicted === false && datum.published === false && datum.y != null' },
      { filter: `datum.alone || ${drawn <= mostDots}` },
      { filter: `datum.y >= ${low} && datum.y <= ${high}` },
    ],
    mark: { type: 'circle', size: drawn <= mostDots ? 11 : 16, opacity: 1, clip: false, aria: false },
    encoding: { color },
  });
  layer.push(panelTitle(ink.ink, panelWidth));
  const decades = picture.log_y ? Math.log10(high / low) : 0;
  const everyDecades = Math.max(1, Math.ceil(decades / 6));
  const ticks = picture.log_y
    ? Array.from({ length: Math.floor(decades / everyDecades + 1e-9) + 1 }, (_, i) =>
        Number(`1e${Math.round(Math.log10(high)) - i * everyDecades}`),
      )
    : undefined;
  return {
    data: { name: 'rows', values: rows },
    facet,
    // Panels alone count, so that what sticks out of them, as dots and labels do, makes the chart no wider.
    bounds: 'flush',
    spacing: { row: isUneven ? 68 : 28, column: panelGap },
    spec: {
      width: panelWidth,
      height: panelHeight,
      view: { stroke: ink.grid },
      encoding: {
        x: {
          field: 'x',
          type: 'quantitative',
          title: picture.x_title || null,
          scale: { domain: firstX < lastX ? [firstX, lastX] : [firstX - 1, lastX + 1], nice: false, zero: false },
          axis: {
            grid: false,
            tickMinStep: 1,
            format: 'd',
            tickCount: Math.max(2, Math.min(6, Math.floor(panelWidth / 45))),
            labelFlush: true,
          },
        },
        y: {
          field: 'y',
          type: 'quantitative',
          title: picture.y_title || null,
          scale: {
            type: picture.log_y ? 'log' : 'linear',
            domain: [low, high],
            nice: false,
            zero: false,
          },
          axis: {
            domain: false,
            ticks: false,
            labelPadding: 6,
            ...(ticks ? { values: ticks, labelExpr: powerText } : { tickCount: 5 }),
          },
        },
      },
      layer,
    },
    resolve: {
      scale: { x: 'shared', y: 'shared', color: 'shared', strokeDash: 'shared' },
      axis: { x: isUneven ? 'independent' : 'shared' },
    },
  };
}
