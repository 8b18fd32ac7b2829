// Rows of a picture: the marks that are shown, one object each, as charts, tables and CSV take them.

// Of columns, those rows whose combination is visible.
function visibleRows(columns) {
  const names = Object.keys(columns);
  const n = names.length ? columns[names[0]].length : 0;
  const rows = [];
  for (let i = 0; i < n; ++i) {
    if (columns.subject && !isVisible(columns.subject[i])) continue;
    const row = { index: i };
    for (const name of names) row[name] = columns[name][i];
    row.subject ??= -1;
    if ('tip' in row) row.tip = textOf(row.tip, row.subject);
    rows.push(row);
  }
  return rows;
}

// The lines of a view, each with its points; no value is null, and neither is there one at or below 0 on a log scale.
function visibleLines(picture, view) {
  return visibleRows(picture.views[view]?.lines ?? {}).map((line) => {
    const [y, low, high] = [seriesOf(line.y), seriesOf(line.low), seriesOf(line.high)];
    const drawable = (value) => (value == null || (picture.log_y && value <= 0) ? null : value);
    const points = (y ?? []).map((value, i) => ({
      x: line.first_x + i * line.step_x,
      y: drawable(value),
      low: drawable(low?.[i]),
      high: drawable(high?.[i]),
    }));
    return { ...line, label: textOf(line.label, line.subject), points };
  });
}

const hasPublished = (picture) =>
  picture.kind === 'lines' && picture.views.some((view) => view.lines.published?.includes(1));

// What a person or a program may want of a picture: a header and rows of text and numbers, settings in columns of
// their own. null is missing.
function dataOf(picture, view) {
  const settings = (subject) =>
    axes.map((axis, i) => {
      const value = subject >= 0 ? combinations.values[subject][i] : -1;
      return value < 0 ? null : page.axes[i].values[value];
    });
  const names = axes.map((axis) => axis.name);
  if (picture.kind === 'heat') {
    const category = (value) => (value == null ? null : (picture.color.categories[value] ?? value));
    return {
      header: [...names, picture.color.title || 'value', 'mark'],
      rows: visibleRows(picture.cells).map((cell) => [
        ...settings(cell.subject),
        category(cell.value),
        cell.mark || null,
      ]),
    };
  }
  if (picture.kind === 'lines') {
    const lines = visibleLines(picture, view);
    const hasBand = lines.some((line) => line.points.some((point) => point.low != null));
    const kinds = ['predicted', 'published'].filter((kind) => lines.some((line) => line[kind]));
    return {
      header: [
        ...names,
        ...kinds,
        picture.x_title || 'x',
        picture.y_title || 'y',
        ...(hasBand ? ['low', 'high'] : []),
      ],
      rows: lines.flatMap((line) =>
        line.points.map((point) => [
          ...settings(line.subject),
          ...kinds.map((kind) => (line[kind] ? 'true' : 'false')),
          point.x,
          point.y,
          ...(hasBand ? [point.low, point.high] : []),
        ]),
      ),
    };
  }
  if (picture.kind === 'bars')
    return {
      header: ['label', 'group', picture.value_title || 'value'],
      rows: visibleRows(picture.bars).map((bar) => [bar.label, bar.group, bar.value]),
    };
  return {
    header: [...names, 'lane', 'start', 'end', 'status'],
    rows: visibleRows(picture.spans).map((span) => [
      ...settings(span.subject),
      picture.lanes[span.lane],
      span.start,
      span.end,
      picture.categories[span.category],
    ]),
  };
}
