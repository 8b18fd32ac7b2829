// Pictures and their data as files: SVG and PNG on white with their title, CSV as RFC 4180 has it.

function save(name, blob) {
  const address = URL.createObjectURL(blob);
  const link = element('a', { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function csvText({ header, rows }) {
  const field = (value) => {
    const text = value == null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => row.map(field).join(',')).join('\n') + '\n';
}

// Lines of at most `width` pixels.
function wrapped(text, width) {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1) && textWidth(`${lines.at(-1)} ${word}`) > width) lines.push('');
    lines[lines.length - 1] += (lines.at(-1) ? ' ' : '') + word;
  }
  return lines;
}

async function printedView(chart) {
  const { picture } = chart;
  const width = Math.max(680, chart.width);
  const marks = signsOf(picture).map(([sign, meaning]) => `${sign} ${meaning}`).join('   ');
  const view = picture.kind === 'lines' && picture.views.length > 1 ? ` (${picture.views[chart.view].name})` : '';
  const spec = specOf(picture, chart.view, width, printInk);
  spec.title = { text: picture.title + view, subtitle: [...wrapped(picture.note, width), ...(marks ? [marks] : [])] };
  const printed = await drawSpec(spec, printInk, width, null);
  return printed.background('#ffffff').padding(16).runAsync();
}

async function download(chart, form) {
  const name = `${chart.picture.id}.${form}`;
  if (form === 'csv') {
    save(name, new Blob([csvText(dataOf(chart.picture, chart.view))], { type: 'text/csv' }));
  } else if (form === 'svg') {
    save(name, new Blob([await (await printedView(chart)).toSVG()], { type: 'image/svg+xml' }));
  } else {
    const canvas = await (await printedView(chart)).toCanvas(2);
    canvas.toBlob((blob) => save(name, blob), 'image/png');
  }
}

function downloadMenu(chart) {
  const title = chart.picture.title;
  return element(
    'div',
    { class: 'downloads', role: 'group', 'aria-label': `Download ${title}` },
    ...['svg', 'png', 'csv'].map((form) =>
      element(
        'button',
        {
          type: 'button',
          'data-form': form,
          'aria-label': `Download ${title} as ${form.toUpperCase()}`,
          title: form === 'csv' ? roundedNote : null,
          onclick: () => download(chart, form),
        },
        form.toUpperCase(),
      ),
    ),
  );
}
