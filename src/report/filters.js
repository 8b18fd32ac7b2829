// Which combinations are shown, and which cell is open. The address after '#' says it, so that a view can be linked:
// #who-learns&activation=relu,elu&cell=c_0123456789abcdef
// Of several folders: #cell=folder%2Fc_0123456789abcdef

const noValue = '(none)'; // a setting that has no meaning for a combination
const axes = (page.axes ?? []).map((axis, i) => {
  const values = axis.values.map((text, value) => ({ text, value }));
  if (combinations.values.some((of) => of[i] < 0)) values.push({ text: noValue, value: -1 });
  return { name: axis.name, values, tells: axis.tells, allowed: null }; // allowed: null for all, else a set of values
});
const listeners = [];
let visible = new Array(nCombinations).fill(true);

const onFilter = (listener) => listeners.push(listener);
const isFiltered = () => visible.includes(false);
const isVisible = (subject) => subject < 0 || visible[subject];

function applyFilters() {
  visible = combinations.values.map((of) => axes.every((axis, i) => !axis.allowed || axis.allowed.has(of[i])));
  for (const listener of listeners) listener();
}

// Parts of the address: a section's id, axes with their values, the open cell.
let section = '';
let openCell = '';

function readAddress() {
  section = '';
  openCell = '';
  for (const axis of axes) axis.allowed = null;
  for (const part of location.hash.slice(1).split('&')) {
    const [key, list] = part.split('=');
    const name = decode(key);
    if (list === undefined) section = name;
    else if (name === 'cell') openCell = decode(list);
    else {
      const axis = axes.find((one) => one.name === name);
      const texts = list.split(',').map(decode);
      const allowed = axis?.values.filter((value) => texts.includes(value.text)).map((value) => value.value);
      if (allowed?.length) axis.allowed = new Set(allowed);
    }
  }
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function writeAddress() {
  const parts = section ? [encodeURIComponent(section)] : [];
  for (const axis of axes) {
    if (!axis.allowed) continue;
    const texts = axis.values
      .filter((value) => axis.allowed.has(value.value))
      .map((value) => encodeURIComponent(value.text));
    parts.push(`${encodeURIComponent(axis.name)}=${texts.join(',')}`);
  }
  if (openCell) parts.push(`cell=${encodeURIComponent(openCell)}`);
  history.replaceState(null, '', parts.length ? `#${parts.join('&')}` : location.pathname + location.search);
}

// A menu an axis, of boxes; none ticked is the same as all.
function axisMenu(axis) {
  const chosen = element('b');
  const hint = element('p', { class: 'hint', role: 'status' });
  const boxes = axis.values.map(({ text, value }) =>
    element('input', {
      type: 'checkbox',
      value: text,
      onchange: (event) => {
        axis.allowed ??= new Set(axis.values.map((one) => one.value));
        if (event.target.checked) axis.allowed.add(value);
        else axis.allowed.delete(value);
        const isEmptied = axis.allowed.size === 0;
        if (isEmptied || axis.allowed.size === axis.values.length) axis.allowed = null;
        applyFilters();
        writeAddress();
        if (isEmptied) hint.textContent = 'With none ticked, all are shown.';
      },
    }),
  );
  const only = (value) => () => {
    axis.allowed = new Set([value]);
    applyFilters();
    writeAddress();
  };
  const menu = element(
    'details',
    { class: 'menu', 'data-axis': axis.name },
    element('summary', {}, `${axis.name} `, chosen),
    element(
      'div',
      { class: 'choices' },
      ...axis.values.map(({ text, value }, i) =>
        element(
          'div',
          { class: 'choice' },
          element('label', {}, boxes[i], ` ${text}`),
          element('button', { type: 'button', 'aria-label': `only ${text}`, onclick: only(value) }, 'only'),
        ),
      ),
      hint,
    ),
  );
  onFilter(() => {
    hint.textContent = '';
    axis.values.forEach(({ value }, i) => (boxes[i].checked = !axis.allowed || axis.allowed.has(value)));
    const names = axis.values.filter(({ value }) => axis.allowed?.has(value)).map(({ text }) => text);
    chosen.textContent = !axis.allowed
      ? 'all'
      : names.length <= 2
        ? names.join(', ')
        : `${names.length} of ${axis.values.length}`;
    menu.classList.toggle('is-set', axis.allowed !== null);
  });
  return menu;
}

function makeFilters(place) {
  // A setting that another decides, as the optimizer its momentum, needs no menu beside the other's.
  const choosable = axes.filter((axis) => axis.tells && axis.values.length > 1);
  if (!place || choosable.length === 0) return;
  const menus = choosable.map(axisMenu);
  const count = element('span', { class: 'count', role: 'status', 'aria-live': 'polite' });
  const reset = element(
    'button',
    {
      type: 'button',
      class: 'reset',
      onclick: () => {
        for (const axis of axes) axis.allowed = null;
        applyFilters();
        writeAddress();
        find('summary', menus[0]).focus();
      },
    },
    'Show all',
  );
  place.append(...menus, count, reset);
  place.hidden = false;
  onFilter(() => {
    const n = visible.filter(Boolean).length;
    count.textContent = `${n} of ${nCombinations} combinations`;
    reset.hidden = n === nCombinations && axes.every((axis) => !axis.allowed);
  });
  // One menu is open at a time, and none once the reader looks elsewhere.
  for (const menu of menus)
    menu.addEventListener('toggle', () => {
      if (menu.open) for (const other of menus) if (other !== menu) other.open = false;
    });
  const closeOthers = ({ target }) => {
    for (const menu of menus) if (!menu.contains(target)) menu.open = false;
  };
  for (const doing of ['pointerdown', 'focusin', 'wheel'])
    document.addEventListener(doing, closeOthers, { passive: true });
  // Before the panel, which Escape closes too.
  document.addEventListener(
    'keydown',
    (event) => {
      const menu = menus.find((one) => one.open);
      if (event.key !== 'Escape' || !menu) return;
      menu.open = false;
      find('summary', menu).focus();
      event.stopPropagation();
    },
    { capture: true },
  );
  sayWhole();
}

// What is about all of the sweep says so while a filter is on; the first of them aloud.
function sayWhole() {
  const about = 'about the whole sweep, not the filter';
  const whole = [
    '.head .tiles',
    '.head .notes',
    ...page.pictures.map((_, i) => `figure[data-picture="${i}"] figcaption p`),
  ]
    .map((selector) => find(selector))
    .filter((place) => {
      const picture = page.pictures[place?.closest('figure')?.dataset.picture];
      return place && (!picture || (picture.kind === 'bars' && !picture.bars.subject?.some((s) => s >= 0)));
    })
    .map((place, i) => {
      const isNote = place.matches('p');
      const said = element(isNote ? 'span' : 'p', { class: 'whole', 'aria-live': i === 0 ? 'polite' : null });
      if (isNote) place.append(said);
      else place.after(said);
      return said;
    });
  onFilter(() => {
    for (const said of whole) {
      const text = isFiltered() ? about : '';
      if (said.textContent !== text) said.textContent = text;
    }
  });
}
