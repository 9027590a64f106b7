/** The plots of the overview, drawn again every few seconds while the page is looked at. */
import { ask, tell } from './dashboard.js'

/** Observable Plot, loaded before this. */
const { Plot } = /** @type {any} */ (window)

/** @typedef {{ step: string, count: number }} Step */
/** @typedef {{ cell: string, count: number }} Cell */
/** @typedef {{ trial: number, participants: number }} Reached */
/** @typedef {{ trial: number, rt: number, condition: number | null }} Time */

/** Colors that read on both backgrounds. */
const HUES = [
  '#4c7fe0',
  '#e08a3c',
  '#3aa76d',
  '#c65b8f',
  '#8a6fd1',
  '#7d8590',
  '#b79b2e',
  '#3f9fb5',
]

const style = { background: 'none', color: 'inherit', fontSize: '12px', overflow: 'visible' }

/**
 * @param {string} id the section to draw in
 * @param {readonly unknown[]} data without any, the section says so
 * @param {object} options of the plot
 */
function draw(id, data, options) {
  const figure = document.querySelector(`#${id} figure`)
  if (figure === null) return
  const nothing = Object.assign(document.createElement('p'), {
    className: 'quiet',
    textContent: 'Nothing to show yet.',
  })
  const width = Math.max(280, figure.clientWidth)
  const plot = () => Plot.plot({ width, height: 250, marginBottom: 42, style, ...options })
  figure.replaceChildren(data.length === 0 ? nothing : plot())
}

/** @param {readonly Step[]} funnel */
function drawFunnel(funnel) {
  const isEmpty = funnel.every(({ count }) => count === 0)
  draw('funnel', isEmpty ? [] : funnel, {
    marginLeft: 70,
    marginRight: 40,
    x: { label: 'participants', grid: true },
    y: { label: null, domain: funnel.map(({ step }) => step) },
    marks: [
      Plot.barX(funnel, { x: 'count', y: 'step', fill: HUES[0] }),
      Plot.text(funnel, {
        x: 'count',
        y: 'step',
        text: 'count',
        textAnchor: 'start',
        dx: 5,
        fill: 'currentColor',
      }),
      Plot.ruleX([0]),
    ],
  })
}

/** @param {readonly Cell[]} cells */
function drawBalance(cells) {
  draw('balance-plot', cells, {
    x: { label: 'condition / counterbalance', type: 'band' },
    y: { label: 'counted participants', grid: true },
    marks: [Plot.barY(cells, { x: 'cell', y: 'count', fill: HUES[2] }), Plot.ruleY([0])],
  })
}

/** @param {readonly Reached[]} reached */
function drawDropOut(reached) {
  const line = { x: 'trial', y: 'participants', curve: 'step-after' }
  draw('drop-out', reached.length > 1 ? reached : [], {
    x: { label: 'trials recorded' },
    y: { label: 'participants', grid: true, zero: true },
    marks: [
      Plot.areaY(reached, { ...line, fill: HUES[0], fillOpacity: 0.2 }),
      Plot.lineY(reached, { ...line, stroke: HUES[0] }),
    ],
  })
}

/** @param {readonly Time[]} times */
function drawTimes(times) {
  const conditions = [...new Set(times.map(({ condition }) => condition ?? 0))].toSorted(
    (a, b) => a - b,
  )
  draw('times', times, {
    x: { label: 'response time (ms)' },
    y: { label: 'trials', grid: true },
    color: {
      type: 'categorical',
      label: 'condition',
      domain: conditions,
      range: HUES,
      legend: conditions.length > 1,
    },
    marks: [
      Plot.rectY(times, Plot.binX({ y: 'count' }, { x: 'rt', fill: 'condition', thresholds: 30 })),
      Plot.ruleY([0]),
    ],
  })
}

async function show() {
  const data = await ask('GET', `/dashboard/overview.json${location.search}`)
  drawFunnel(data.funnel)
  drawBalance(data.cells)
  drawDropOut(data.sample.reached)
  drawTimes(data.sample.times)
  for (const { step, count } of data.funnel) {
    const card = document.querySelector(`[data-step="${step}"] b`)
    if (card !== null) card.textContent = count
  }
}

const LIVE_MS = 5000

show().catch((error) => tell(error.message))
setInterval(() => {
  if (document.visibilityState === 'visible') show().catch(() => {})
}, LIVE_MS)
addEventListener('resize', () => show().catch(() => {}))
