// What the mouse, a finger or the arrow keys point at: one small box of text for all charts, and for lines a sheet
// above the chart on which the nearest line stands out.

const tip = element('div', { class: 'tip', 'aria-hidden': 'true', hidden: true });
document.body.append(tip);

function showTip(text, x, y) {
  tip.textContent = text;
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, x + 14), document.documentElement.clientWidth - width - 8);
  const top = y - height - 14 < 8 ? y + 18 : y - height - 14;
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

const hideTip = () => (tip.hidden = true);

// Places of the panels of a drawn chart in its own pixels, by row and column of the facet.
function panelsOf(view) {
  const panels = new Map();
  const [padding, origin] = [view.padding(), view.origin()];
  const visit = (item, x, y) => {
    for (const mark of item.items ?? [])
      for (const group of mark.items ?? []) {
        if (mark.marktype !== 'group') continue;
        const [left, top] = [x + (group.x ?? 0), y + (group.y ?? 0)];
        if (group.datum && 'panel_row' in group.datum && 'panel_column' in group.datum && mark.name?.endsWith('cell'))
          panels.set(`${group.datum.panel_row}/${group.datum.panel_column}`, {
            x: left,
            y: top,
            width: group.width,
            height: group.height,
          });
        visit(group, left, top);
      }
  };
  const root = view.scenegraph().root.items[0];
  visit(root, padding.left + origin[0] + (root.x ?? 0), padding.top + origin[1] + (root.y ?? 0));
  return panels;
}

// Lines in pixels: what is near, and how one is made to stand out.
class LineTracker {
  constructor(view, lines, sheet) {
    const panels = panelsOf(view);
    const [x, y] = [view.scale('x'), view.scale('y')];
    this.sheet = sheet;
    this.lines = lines
      .map((line) => {
        const panel = panels.get(`${line.panel_row}/${line.panel_column}`);
        if (!panel) return null;
        const points = line.points.map((point) =>
          point.y == null ? null : { ...point, px: panel.x + x(point.x), py: panel.y + y(point.y) },
        );
        return { ...line, panel, points };
      })
      .filter((line) => line?.points.some(Boolean));
  }

  // The nearest line within its panel, by the distance to its pieces, and the nearest of its points.
  nearest(mx, my) {
    let best = null;
    let least = 30 ** 2;
    for (const line of this.lines) {
      const { panel } = line;
      if (mx < panel.x - 6 || mx > panel.x + panel.width + 6 || my < panel.y - 6 || my > panel.y + panel.height + 6)
        continue;
      for (let i = 0; i < line.points.length; ++i) {
        const a = line.points[i];
        if (!a) continue;
        const distance = distanceToPiece(mx, my, a, (!line.published && line.points[i + 1]) || a);
        if (distance >= least) continue;
        least = distance;
        best = { line, i };
      }
    }
    if (!best) return null;
    const gap = (point) => (point ? (point.px - mx) ** 2 : Infinity);
    if (gap(best.line.points[best.i + 1]) < gap(best.line.points[best.i])) ++best.i;
    return best;
  }

  clear() {
    this.sheet.replaceChildren();
  }

  show({ line, i }, ink) {
    let path = '';
    line.points.forEach((point, k) => {
      if (!point || line.published) return;
      path += `${line.points[k - 1] ? 'L' : 'M'}${point.px.toFixed(1)},${point.py.toFixed(1)}`;
    });
    const point = line.points[i];
    const color = lineColor(line.color, ink);
    const draw = (name, attributes) => {
      const made = document.createElementNS('http://www.w3.org/2000/svg', name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      return made;
    };
    this.sheet.replaceChildren(
      draw('path', { d: path, fill: 'none', stroke: 'var(--paper)', 'stroke-width': 6, 'stroke-linejoin': 'round' }),
      draw('path', {
        d: path,
        fill: 'none',
        stroke: color,
        'stroke-width': 3,
        'stroke-linejoin': 'round',
        ...(line.predicted ? { 'stroke-dasharray': '2 4' } : {}),
      }),
      draw('circle', { cx: point.px, cy: point.py, r: 4.5, fill: color, stroke: 'var(--paper)', 'stroke-width': 2 }),
    );
  }
}

function distanceToPiece(x, y, a, b) {
  const [dx, dy] = [b.px - a.px, b.py - a.py];
  const length = dx * dx + dy * dy;
  const t = length ? Math.min(Math.max(((x - a.px) * dx + (y - a.py) * dy) / length, 0), 1) : 0;
  return (x - a.px - t * dx) ** 2 + (y - a.py - t * dy) ** 2;
}

function lineTip(picture, { line, i }) {
  const point = line.points[i];
  const band =
    point.low != null && point.low !== point.high ? ` (${numberText(point.low)} to ${numberText(point.high)})` : '';
  // What is published says so in its label.
  const label = line.label + (line.predicted ? ', predicted' : '');
  return `${label}: ${picture.x_title} ${point.x}, ${numberText(point.y)}${band}`;
}
