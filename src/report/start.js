// Brings the page to life: what is on the first screen at once, the rest when it comes near or when there is time.

const charts = [];

async function drawAll() {
  for (const chart of charts) if (chart.isStale) await chart.draw();
  document.documentElement.dataset.charts = 'all';
}

// One chart at a time, in between the reader's own doings.
const whenIdle = window.requestIdleCallback ?? ((work) => setTimeout(work, 50));
let isWaiting = false;
function drawRest() {
  if (isWaiting) return;
  isWaiting = true;
  whenIdle(
    async () => {
      isWaiting = false;
      const next = charts.find((chart) => chart.isStale);
      if (!next) {
        document.documentElement.dataset.charts = 'all';
        return;
      }
      await next.draw();
      drawRest();
    },
    { timeout: 4000 },
  );
}

function goToSection(id) {
  const heading = document.getElementById(`${id}-title`);
  if (!heading) return false;
  document.getElementById(id).scrollIntoView();
  heading.focus({ preventScroll: true });
  return true;
}

// In the bar of questions, which on a phone is wider than the screen.
function showLink(link) {
  const bar = link.parentElement;
  const [inner, outer] = [link.getBoundingClientRect(), bar.getBoundingClientRect()];
  bar.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
}

async function start() {
  makePanel();
  makeFilters(document.getElementById('filters'));
  for (const figure of findAll('figure[data-picture]')) charts.push(new Chart(figure));
  for (const table of findAll('main .table')) enhanceTable(table);

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const chart = charts.find((one) => one.figure === target);
        chart.isNear = isIntersecting;
        if (isIntersecting && chart.isStale) chart.draw();
      }
    },
    { rootMargin: '300px 0px' },
  );

  readAddress();
  applyFilters();
  onFilter(() => {
    document.documentElement.dataset.charts = 'some';
    for (const chart of charts) chart.invalidate();
    drawRest();
  });
  const screen = window.innerHeight;
  for (const chart of charts) {
    const { top, bottom } = chart.figure.getBoundingClientRect();
    if (top < screen && bottom > 0) {
      await chart.draw();
      chart.isNear = true;
    }
    near.observe(chart.figure);
  }
  if (section) goToSection(section);
  openFromAddress();

  // The questions: going to one keeps the filters in the address.
  const links = findAll('.bar nav a');
  for (const link of links)
    link.addEventListener('click', (event) => {
      const id = decode(link.getAttribute('href').slice(1));
      if (!goToSection(id)) return;
      event.preventDefault();
      section = id;
      writeAddress();
    });
  const current = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        for (const link of links)
          if (link.getAttribute('href') === `#${target.id}`) {
            link.setAttribute('aria-current', 'true');
            showLink(link);
          } else link.removeAttribute('aria-current');
      }
    },
    { rootMargin: '-20% 0px -70% 0px' },
  );
  for (const place of findAll('main section')) current.observe(place);

  window.addEventListener('hashchange', () => {
    readAddress();
    applyFilters();
    if (section) goToSection(section);
    openFromAddress();
  });
  window.addEventListener('beforeprint', drawAll);
  let resizing = 0;
  window.addEventListener('resize', () => {
    clearTimeout(resizing);
    resizing = setTimeout(() => {
      for (const chart of charts) if (chart.vega && Math.abs(chart.width - chart.drawnWidth) > 4) chart.invalidate();
      drawRest();
    }, 150);
  });

  requestAnimationFrame(() =>
    setTimeout(() => {
      performance.mark('ready');
      document.documentElement.dataset.state = 'ready';
      drawRest();
    }),
  );
}

start();
