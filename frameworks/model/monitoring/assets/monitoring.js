// Draws the monitoring page from /monitoring/data with Observable Plot.
/* global Plot */

const accent = 'var(--accent)'
const percent = (share) =>
  share === null || share === undefined ? '–' : `${(share * 100).toFixed(1)} %`
const decimal = (value) => (value === null || value === undefined ? '–' : value.toFixed(3))
const count = (value) => value.toLocaleString('en')

const select = document.querySelector('#version')
select.addEventListener('change', () => void draw())
addEventListener(
  'resize',
  debounce(() => redraw?.(), 150),
)
let redraw
void draw()

async function draw() {
  const query = select.value === '' ? '' : `?version=${encodeURIComponent(select.value)}`
  const response = await fetch(`monitoring/data${query}`)
  const data = await response.json()
  if (!response.ok) {
    document.querySelector('#totals').textContent = data.error
    return
  }
  for (const row of [...data.volume, ...data.over_time]) row.time = new Date(row.at)
  redraw = () => show(data)
  redraw()
}

function show(data) {
  totals(data)
  volume(data)
  scores(data)
  calibration(data)
  overTime(data)
  confusion(data)
  drift(data)
}

function totals({ rows, labelled, overall }) {
  const share = rows === 0 ? null : labelled / rows
  const figures = [
    ['predictions', count(rows)],
    ['with outcome', percent(share)],
    ...('auc' in overall
      ? [
          ['AUC', decimal(overall.auc)],
          ['log loss', decimal(overall.logLoss)],
          ['Brier', decimal(overall.brier)],
          ['calibration error', decimal(overall.calibrationError)],
        ]
      : []),
    ...('accuracy' in overall ? [['accuracy', percent(overall.accuracy)]] : []),
    ...('meanAbsoluteError' in overall
      ? [
          ['mean absolute error', decimal(overall.meanAbsoluteError)],
          ['root mean square error', decimal(overall.rootMeanSquareError)],
        ]
      : []),
  ]
  document
    .querySelector('#totals')
    .replaceChildren(
      ...figures.map(([name, value]) =>
        element('div', {}, element('b', {}, value), element('span', { className: 'quiet' }, name)),
      ),
    )
}

function volume({ volume: rows, bucket }) {
  fill('volume', rows, 'Nothing has been predicted yet.', (width) => {
    const interval = bucket
    const marks = [
      Plot.ruleY([0]),
      Plot.rectY(rows, {
        x: 'time',
        interval,
        y: 'count',
        fill: accent,
        fillOpacity: 0.35,
        tip: true,
        title: (row) =>
          `${row.time.toLocaleString()}\n${count(row.count)} predictions\n${count(row.labelled)} with outcome`,
      }),
      Plot.rectY(rows, { x: 'time', interval, y: 'labelled', fill: accent }),
    ]
    return Plot.plot({
      width,
      height: 220,
      marginLeft: 50,
      x: { type: 'utc', label: null },
      y: { label: `per ${bucket}: all (pale), with outcome (full)`, tickFormat: 's', grid: true },
      marks,
    })
  })
}

function scores({ scores: rows, kind }) {
  const isEmpty = rows.every((row) => row.count === 0)
  const none =
    kind === 'regressor'
      ? 'The model predicts numbers, not probabilities.'
      : 'No probabilities yet.'
  fill('scores', isEmpty ? [] : rows, none, (width) =>
    Plot.plot({
      width,
      height: 240,
      marginLeft: 50,
      x: { label: 'probability', domain: [0, 1] },
      y: { label: 'predictions', grid: true, tickFormat: 's' },
      marks: [
        Plot.rectY(rows, { x1: 'from', x2: 'to', y: 'count', fill: accent, inset: 0.5, tip: true }),
        Plot.ruleY([0]),
      ],
    }),
  )
}

function calibration({ calibration: rows = [] }) {
  fill('calibration', rows, 'Needs outcomes of a model with two classes.', (width) =>
    Plot.plot({
      width,
      height: 240,
      marginLeft: 50,
      grid: true,
      x: { label: 'predicted probability', domain: [0, 1] },
      y: { label: 'true share', domain: [0, 1] },
      marks: [
        Plot.line(
          [
            [0, 0],
            [1, 1],
          ],
          { stroke: 'currentColor', strokeOpacity: 0.4, strokeDasharray: '3 3' },
        ),
        Plot.line(rows, { x: 'meanProba', y: 'share', stroke: accent }),
        Plot.dot(rows, {
          x: 'meanProba',
          y: 'share',
          r: (row) => Math.min(9, 2 + Math.sqrt(row.n) / 8),
          fill: accent,
          tip: true,
          title: (row) =>
            `${row.from.toFixed(1)} to ${row.to.toFixed(1)}: ${count(row.n)} predictions\npredicted ${percent(row.meanProba)}, true ${percent(row.share)}`,
        }),
      ],
    }),
  )
}

const MEASURES = {
  auc: 'AUC',
  logLoss: 'log loss',
  brier: 'Brier',
  accuracy: 'accuracy',
  meanAbsoluteError: 'mean absolute error',
  rootMeanSquareError: 'root mean square error',
}

function overTime({ over_time: rows }) {
  const long = rows.flatMap((row) =>
    Object.entries(MEASURES).flatMap(([key, measure]) =>
      typeof row[key] === 'number' ? [{ time: row.time, measure, value: row[key], n: row.n }] : [],
    ),
  )
  fill(
    'over-time',
    long,
    'Needs outcomes: report them with POST /update.',
    (width) =>
      Plot.plot({
        width,
        height: 260,
        marginLeft: 50,
        grid: true,
        color: { legend: true, scheme: 'Observable10' },
        x: { type: 'utc', label: null },
        y: { label: null, zero: true },
        marks: [
          Plot.line(long, { x: 'time', y: 'value', stroke: 'measure' }),
          Plot.dot(long, {
            x: 'time',
            y: 'value',
            fill: 'measure',
            r: 3,
            tip: true,
            title: (row) =>
              `${row.measure} ${decimal(row.value)}\n${row.time.toLocaleString()}\n${count(row.n)} outcomes`,
          }),
        ],
      }),
    rows,
  )
}

function confusion({ confusion: rows = [], threshold, classes, overall }) {
  const body = bodyOf(
    'confusion',
    rows,
    overall.n > 0 && rows.length > 0 ? undefined : 'Needs outcomes of a model with two classes.',
  )
  if (body === undefined) return
  const slider = element('input', {
    type: 'range',
    min: 0,
    max: 1,
    step: 0.01,
    value: slide ?? threshold,
    ariaLabel: 'threshold',
  })
  const table = element('table', {})
  const update = () => {
    slide = slider.value
    const row = rows[Math.round(slider.value * 100)]
    const [precision, recall] = [row.tp / (row.tp + row.fp), row.tp / (row.tp + row.fn)]
    const named = classes.map((label) => JSON.stringify(label))
    table.replaceChildren(
      line(
        'th',
        `at ${Number(slider.value).toFixed(2)}`,
        `predicted ${named[1]}`,
        `predicted ${named[0]}`,
      ),
      line('td', `true ${named[1]}`, count(row.tp), count(row.fn)),
      line('td', `true ${named[0]}`, count(row.fp), count(row.tn)),
      line(
        'td',
        'precision, recall',
        percent(Number.isNaN(precision) ? null : precision),
        percent(Number.isNaN(recall) ? null : recall),
      ),
    )
  }
  slider.addEventListener('input', update)
  update()
  body.replaceChildren(
    element('label', {}, 'threshold', slider),
    element('div', { className: 'scroll' }, table),
  )
}
let slide

function drift({ drift: rows, drift_rows: sizes }) {
  const body = bodyOf('drift', rows, sizes.now === 0 ? 'Nothing to compare yet.' : undefined)
  if (body === undefined) return
  const table = element('table', {}, line('th', 'column', '', 'PSI', 'KS', 'missing', 'unseen'))
  for (const row of rows) {
    const missing = `${percent(row.missingBefore)} → ${percent(row.missingNow)}`
    const tr = line(
      'td',
      row.column,
      row.verdict,
      decimal(row.psi),
      decimal(row.ks),
      missing,
      percent(row.unseen),
    )
    tr.children[1].className = row.verdict
    table.append(tr)
  }
  body.replaceChildren(
    element('div', { className: 'scroll' }, table),
    element(
      'p',
      { className: 'quiet' },
      `The newest ${count(sizes.now)} observations against the oldest ${count(sizes.before)}. PSI from 0.25 on: the column has changed.`,
    ),
  )
}

/** Draws into a card, or says why there is nothing to draw. */
function fill(id, rows, nothing, plot, numbers = rows) {
  const body = bodyOf(id, numbers, rows.length === 0 ? nothing : undefined)
  if (body === undefined) return
  body.replaceChildren(plot(Math.max(260, body.clientWidth)))
}

function bodyOf(id, numbers, nothing) {
  const card = document.getElementById(id)
  const body = card.querySelector('.body')
  const button = card.querySelector('button')
  button.hidden = nothing !== undefined
  button.onclick = () => download(`${id}.csv`, numbers)
  body.className = nothing === undefined ? 'body' : 'body quiet'
  if (nothing === undefined) return body
  body.textContent = nothing
  return undefined
}

function download(name, rows) {
  const columns = Object.keys(rows[0] ?? {}).filter((column) => column !== 'time')
  const cell = (value) =>
    value === null || value === undefined
      ? ''
      : /[",\n]/.test(value)
        ? `"${String(value).replaceAll('"', '""')}"`
        : value
  const text = [
    columns.join(','),
    ...rows.map((row) => columns.map((column) => cell(row[column])).join(',')),
  ].join('\n')
  const link = element('a', {
    href: URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/csv' })),
    download: name,
  })
  link.click()
  URL.revokeObjectURL(link.href)
}

function line(tag, ...cells) {
  return element(
    'tr',
    {},
    ...cells.map((text, i) => element(tag, { className: i === 0 ? '' : 'number' }, text)),
  )
}

function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties)
  node.append(...children)
  return node
}

function debounce(work, ms) {
  let timer
  return () => {
    clearTimeout(timer)
    timer = setTimeout(() => work(), ms)
  }
}
