// A figure of the page: draws its picture when it is first needed, again when the filters, the view or the width
// change, and answers the mouse and the keyboard.

vega.setRandom?.(vega.randomLCG(1));

function specOf(picture, view, width, ink) {
  if (picture.kind === 'heat') return heatSpec(picture, width, ink);
  if (picture.kind === 'lines') return lineSpec(picture, view, width, ink);
  if (picture.kind === 'bars') return barSpec(picture, width, ink);
  return timelineSpec(picture, width, ink);
}

// Compiles and draws; gives Vega's view. Everything is at hand, so that it waits for nothing but microtasks: it is done
// before the next event, and before a page is printed.
async function drawSpec(spec, ink, width, container) {
  const quiet = vega.logger(vega.Error);
  const compiled = vegaLite.compile(
    { ...spec, config: config(ink, width), autosize: { type: 'pad', resize: false } },
    { logger: quiet },
  );
  // No frame where the last row has no panel.
  for (const mark of compiled.spec.marks) delete mark.from?.facet?.aggregate?.cross;
  const view = new vega.View(vega.parse(compiled.spec), {
    renderer: container ? 'svg' : 'none',
    container,
    logger: quiet,
  });
  await view.runAsync();
  return view;
}

// The signs that a picture explains below itself.
function signsOf(picture) {
  if (picture.kind === 'heat') return [...picture.marks, ...(picture.boundary ? [['━━', picture.boundary]] : [])];
  return hasPublished(picture) ? [['◇', 'published']] : [];
}

class Chart {
  constructor(figure) {
    this.figure = figure;
    this.picture = page.pictures[Number(figure.dataset.picture)];
    this.plot = find('.plot', figure);
    this.view = 0;
    this.isStale = true;
    this.plot.style.minHeight = `${this.guessedHeight()}px`;
    this.addControls();
  }

  get width() {
    return this.plot.clientWidth;
  }

  // So that what is below hardly moves when the chart comes.
  guessedHeight() {
    const { picture } = this;
    if (picture.kind === 'heat') {
      const columns = Math.max(1, Math.floor(this.width / (40 + 48 * picture.x.length)));
      return (
        Math.ceil(picture.panels.length / columns) * (picture.y.length * (picture.y.length > 30 ? 20 : 30) + 40) + 110
      );
    }
    if (picture.kind === 'lines') return picture.rows.length * 200 + 100;
    return (picture.bars?.label.length ?? picture.lanes.length) * 26 + 80;
  }

  addControls() {
    const { picture, figure } = this;
    const caption = find('figcaption', figure);
    const controls = element('div', { class: 'controls' });
    if (picture.kind === 'lines' && picture.views.length > 1) {
      const name = `view-${figure.dataset.picture}`;
      controls.append(
        element(
          'fieldset',
          { class: 'views' },
          element('legend', { class: 'unseen' }, 'View'),
          ...picture.views.map((view, i) =>
            element(
              'label',
              {},
              element('input', { type: 'radio', name, value: i, checked: i === 0, onchange: () => this.showView(i) }),
              element('span', {}, view.name),
            ),
          ),
        ),
      );
    }
    controls.append(downloadMenu(this));
    caption.append(controls);
    const signs = signsOf(picture);
    if (signs.length)
      this.plot.after(
        element(
          'p',
          { class: 'key' },
          ...signs.map(([sign, meaning]) => element('span', {}, element('b', {}, sign), ` ${meaning}`)),
        ),
      );
    this.empty = element(
      'p',
      { class: 'nothing', hidden: true },
      'Nothing is left of this picture under these filters.',
    );
    this.plot.after(this.empty);
    this.table = dataDetails(this);
    figure.append(this.table);
    if (picture.kind === 'lines')
      this.plot.append((this.sheet = document.createElementNS('http://www.w3.org/2000/svg', 'svg')));
    this.sheet?.classList.add('sheet');
    this.sheet?.setAttribute('aria-hidden', 'true');
  }

  async showView(i) {
    this.view = i;
    await this.draw();
    refreshData(this);
  }

  // Drawn at once if it has been seen, else when it will be.
  invalidate() {
    this.isStale = true;
    if (this.vega && this.isNear) this.draw();
    if (this.table.open) refreshData(this);
  }

  async draw() {
    this.isStale = false;
    const { picture } = this;
    const width = this.width;
    this.drawnWidth = width;
    const hadFocus = this.plot.contains(document.activeElement) ? document.activeElement : null;
    const focusedSubject = hadFocus?.dataset?.subject;
    this.vega?.finalize();
    this.container?.remove();
    this.tracker = null;
    this.sheet?.replaceChildren();
    this.empty.hidden = dataOf(picture, this.view).rows.length > 0;
    this.plot.hidden = !this.empty.hidden;
    if (this.plot.hidden) return;
    this.container = element('div', { class: 'drawn' });
    this.plot.prepend(this.container);
    const spec = specOf(picture, this.view, width, pageInk);
    this.vega = await drawSpec(spec, pageInk, width, this.container);
    this.plot.style.minHeight = '';
    const image = find('svg', this.container);
    image.setAttribute('role', 'group');
    image.removeAttribute('aria-roledescription');
    image.setAttribute('aria-label', `${picture.title}: ${picture.note}`);
    if (picture.kind === 'lines') this.prepareLines(image);
    else this.prepareMarks(image);
    if (focusedSubject) this.marks?.find((mark) => mark.dataset.subject === focusedSubject)?.focus();
    this.showSelection();
    this.figure.dataset.drawn = picture.kind === 'lines' ? picture.views[this.view].name : 'all';
  }

  // Squares and bars: each is an element, one of them in the order of Tab, the others by arrow keys.
  prepareMarks(image) {
    const { picture } = this;
    this.marks = findAll('.mark-rect.role-mark path', image);
    for (const mark of this.marks) {
      const row = mark.__data__?.datum ?? mark.__data__;
      mark.row = row;
      mark.dataset.subject = row.subject ?? -1;
      mark.setAttribute('tabindex', '-1');
      mark.setAttribute('role', row.subject >= 0 ? 'button' : 'img');
      mark.removeAttribute('aria-roledescription');
      mark.setAttribute('aria-label', row.tip);
    }
    this.marks[0]?.setAttribute('tabindex', '0');
    const rowAt = (event) => event.target.closest?.('.mark-rect.role-mark path')?.row ?? event.target.__data__?.datum;
    image.addEventListener('pointermove', (event) => {
      const row = rowAt(event);
      if (row?.tip) showTip(row.tip, event.clientX, event.clientY);
      else hideTip();
    });
    image.addEventListener('pointerleave', hideTip);
    image.addEventListener('click', (event) => {
      const row = rowAt(event);
      if (row?.subject >= 0)
        openPanel(
          row.subject,
          this.marks.find((mark) => mark.row === row),
        );
    });
    // Not the image's own: Chromium has Tab stop at an SVG that listens to focus.
    this.container.addEventListener('focusin', (event) => {
      if (!event.target.row) return;
      for (const mark of this.marks) mark.setAttribute('tabindex', mark === event.target ? '0' : '-1');
      if (!event.target.matches(':focus-visible')) return;
      const box = event.target.getBoundingClientRect();
      showTip(event.target.row.tip, box.right - 10, box.top);
    });
    this.container.addEventListener('focusout', hideTip);
    image.addEventListener('keydown', (event) => {
      const mark = event.target;
      if (!mark.row) return;
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        if (mark.row.subject >= 0) openPanel(mark.row.subject, mark);
        return;
      }
      const next =
        event.key === 'Home'
          ? this.marks[0]
          : event.key === 'End'
            ? this.marks.at(-1)
            : arrowTarget(event.key, mark, this.marks);
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    });
    if (picture.kind === 'bars') for (const mark of this.marks) mark.style.cursor = 'default';
  }

  // Lines: the nearest one answers. With the keyboard the chart is one stop, left and right go along the line, up and
  // down to the next one.
  prepareLines(image) {
    this.sheet.setAttribute('width', image.getAttribute('width'));
    this.sheet.setAttribute('height', image.getAttribute('height'));
    const columns = panelColumns(this.picture, visibleLines(this.picture, this.view), this.width);
    const { lines } = lineRows(this.picture, this.view, columns);
    this.tracker = new LineTracker(this.vega, lines, this.sheet);
    this.spoken ??= this.plot.appendChild(element('p', { class: 'unseen', 'aria-live': 'polite' }));
    image.setAttribute('tabindex', '0');
    image.setAttribute('role', 'application');
    image.setAttribute('aria-roledescription', 'line chart');
    const keys = "Arrow keys go from point to point and from line to line, Enter opens a line's combination.";
    image.setAttribute('aria-label', `${this.picture.title}: ${this.picture.note} ${keys}`);
    let at = null;
    const point = (found, x, y) => {
      at = found;
      if (!found) {
        this.showSelection();
        hideTip();
        return;
      }
      this.tracker.show(found, pageInk);
      showTip(lineTip(this.picture, found), x, y);
    };
    image.addEventListener('pointermove', (event) => {
      const box = image.getBoundingClientRect();
      point(this.tracker.nearest(event.clientX - box.left, event.clientY - box.top), event.clientX, event.clientY);
      image.style.cursor = at?.line.subject >= 0 ? 'pointer' : '';
    });
    image.addEventListener('pointerleave', () => point(null));
    image.addEventListener('blur', () => point(null));
    image.addEventListener('click', (event) => {
      const box = image.getBoundingClientRect();
      const found = this.tracker.nearest(event.clientX - box.left, event.clientY - box.top);
      if (found?.line.subject >= 0) openPanel(found.line.subject, image);
    });
    image.addEventListener('keydown', (event) => {
      const all = this.tracker.lines;
      if ((event.key === 'Enter' || event.key === ' ') && at?.line.subject >= 0) {
        event.preventDefault();
        openPanel(at.line.subject, image);
        return;
      }
      const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!steps || all.length === 0) return;
      event.preventDefault();
      const place = at ? all.findIndex((line) => line.index === at.line.index) : -1;
      const line = all[at ? (place + steps[0] + all.length) % all.length : 0];
      const there = line.points.map((one, i) => (one ? i : -1)).filter((i) => i >= 0);
      const from = at && steps[0] === 0 ? there.indexOf(at.i) + steps[1] : 0;
      const found = { line, i: there[Math.min(Math.max(from, 0), there.length - 1)] };
      const box = image.getBoundingClientRect();
      const { px, py } = line.points[found.i];
      point(found, box.left + px, box.top + py);
      this.spoken.textContent = lineTip(this.picture, found);
    });
  }

  // The open combination is marked in every chart.
  showSelection() {
    for (const mark of this.marks ?? [])
      mark.classList.toggle('selected', mark.row.subject >= 0 && mark.row.subject === openSubject);
    if (!this.tracker) return;
    const line =
      openSubject >= 0
        ? this.tracker.lines.find((one) => one.subject === openSubject && !one.predicted && !one.published)
        : null;
    if (line) this.tracker.show({ line, i: line.points.findLastIndex(Boolean) }, pageInk);
    else this.tracker.clear();
  }
}

// The nearest mark in that direction, those straight ahead first.
function arrowTarget(key, from, marks) {
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!direction) return null;
  const middle = (mark) => {
    const box = mark.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };
  const [x, y] = middle(from);
  let best = null;
  let least = Infinity;
  for (const mark of marks) {
    const [mx, my] = middle(mark);
    const ahead = (mx - x) * direction[0] + (my - y) * direction[1];
    const aside = Math.abs((mx - x) * direction[1]) + Math.abs((my - y) * direction[0]);
    if (ahead < 1) continue;
    const distance = ahead + 20 * aside;
    if (distance >= least) continue;
    least = distance;
    best = mark;
  }
  return best;
}
