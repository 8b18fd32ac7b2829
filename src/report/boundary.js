// The boundary of a heat map: a line between squares beyond it and the others.

// Sides of squares between those beyond the boundary and their neighbours that are not. Of what a filter leaves: where
// a column is gone, those beside it are neighbours.
function boundarySides(rows, x, y) {
  const [column, line] = [x, y].map((labels) => new Map(labels.map((label, i) => [label, i])));
  const key = (panel, i, k) => `${panel}/${i}/${k}`;
  const placeOf = (row) => [column.get(row.x_label), line.get(row.y_label)];
  const known = rows.filter((row) => row.beyond != null);
  const beyond = new Map(known.map((row) => [key(row.panel, ...placeOf(row)), row.beyond]));
  const sides = [];
  for (const row of known) {
    const [i, k] = placeOf(row);
    const { panel_row, panel_column, x_label, y_label } = row;
    for (const [side, other] of [
      ['right', beyond.get(key(row.panel, i + 1, k))],
      ['below', beyond.get(key(row.panel, i, k + 1))],
    ])
      if (other != null && other !== row.beyond)
        sides.push({ panel_row, panel_column, x_label, y_label, side, shown: '', mark: '', title: null });
  }
  return sides;
}

// Along the middle of the gap between squares; first all of the seam that is seen on any colour, then the line in it.
function boundaryLayers(ink) {
  const [beforeX, beforeY] = [squarePadding.x, squarePadding.y].map((padding) => -padding / 2 / (1 - padding));
  const x = (bandPosition) => ({ field: 'x_label', type: 'ordinal', bandPosition });
  const y = (bandPosition) => ({ field: 'y_label', type: 'ordinal', bandPosition });
  const places = {
    right: { x: x(1 - beforeX), y: y(beforeY), y2: { field: 'y_label', bandPosition: 1 - beforeY } },
    below: { y: y(1 - beforeY), x: x(beforeX), x2: { field: 'x_label', bandPosition: 1 - beforeX } },
  };
  return [
    [ink.paper, 6.5],
    [ink.ink, 2.8],
  ].flatMap(([color, strokeWidth]) =>
    Object.entries(places).map(([side, encoding]) => ({
      transform: [{ filter: `datum.side === '${side}'` }],
      mark: { type: 'rule', strokeWidth, strokeCap: 'square', aria: false, clip: false },
      encoding: { ...encoding, color: { value: color } },
    })),
  );
}
