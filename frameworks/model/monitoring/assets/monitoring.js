// Draws the monitoring page from /monitoring/data.
import { element, fill, find } from './cards.js'
import { calibrationPicture, qualityPictures, scoresPicture, volumePicture } from './pictures.js'
import { confusionTable, driftTable, MEASURE_NAMES, shadowTable, showTotals } from './tables.js'

const version = /** @type {HTMLSelectElement} */ (find('#version'))
const windowChoice = /** @type {HTMLSelectElement} */ (find('#window'))
for (const select of [version, windowChoice]) {
  select.addEventListener('change', () => void load())
}
addEventListener(
  'resize',
  debounce(() => redraw(), 150),
)
let redraw = () => {}
void load()

async function load() {
  const query = new URLSearchParams()
  if (version.value !== '') query.set('model_version', version.value)
  if (windowChoice.value !== '') query.set('window', windowChoice.value)
  try {
    const response = await fetch(`monitoring/data?${query.toString()}`)
    const data = await response.json()
    if (!response.ok) throw new Error(data.error)
    redraw = () => show(data)
    redraw()
  } catch (error) {
    find('#totals').textContent =
      `The numbers cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
}

const NO_OUTCOMES = 'Needs outcomes: report them with POST /update.'
const TWO_CLASSES = 'Only for a model with two classes that gives probabilities.'

/** @param {any} data as /monitoring/data has it */
function show(data) {
  const hasOutcomes = data.overall.n > 0
  const isBinary = data.confusion !== undefined
  const onlyBinary = isBinary ? (hasOutcomes ? undefined : NO_OUTCOMES) : TWO_CLASSES
  showTotals(data)

  const steps = data.volume.steps.map((/** @type {any} */ step) => ({
    ...step,
    from: new Date(step.from),
  }))
  fill('volume', {
    numbers: data.volume.steps,
    nothing: data.rows === 0 ? 'Nothing has been predicted yet.' : undefined,
    draw: (width) => [volumePicture(steps, data.volume.per, width)],
  })

  const hasScores = data.scores.some((/** @type {any} */ bin) => bin.count > 0)
  fill('scores', {
    numbers: data.scores,
    nothing: hasScores ? undefined : noScores(data),
    draw: (width) => [scoresPicture(data.scores, width)],
  })

  fill('calibration', {
    numbers: data.calibration ?? [],
    nothing: onlyBinary,
    draw: (width) => [calibrationPicture(data.calibration, width)],
  })

  const points = pointsOf(data.windows)
  fill('over-time', {
    numbers: data.windows,
    nothing: points.length === 0 ? NO_OUTCOMES : undefined,
    draw: (width) => [element('div', { className: 'strips' }, ...qualityPictures(points, width))],
  })

  fill('confusion', {
    numbers: data.confusion ?? [],
    nothing: onlyBinary,
    draw: () => confusionTable(data),
  })

  fill('drift', {
    numbers: data.drift,
    nothing: data.rows < 2 ? 'Nothing to compare yet.' : undefined,
    draw: () => driftTable(data.drift, data.drift_rows),
  })

  fill('shadows', {
    numbers: data.shadows,
    nothing: data.shadows.length === 0 ? 'No version is asked on the side.' : undefined,
    draw: () => shadowTable(data.shadows),
  })
}

/** @param {{ rows: number, kind: string }} data */
function noScores({ rows, kind }) {
  if (kind === 'regressor') return 'The model predicts numbers, not probabilities.'
  return rows === 0 ? 'Nothing has been predicted yet.' : 'The model gives no probabilities.'
}

/**
 * One point a measure and window.
 *
 * @param {readonly any[]} windows
 */
function pointsOf(windows) {
  return windows.flatMap((row) =>
    Object.entries(MEASURE_NAMES).flatMap(([key, measure]) =>
      typeof row[key] === 'number'
        ? [
            {
              time: new Date(row.from),
              measure,
              value: row[key],
              n: row.n,
              isPartial: row.is_partial,
            },
          ]
        : [],
    ),
  )
}

/**
 * @param {() => void} work
 * @param {number} ms
 */
function debounce(work, ms) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer
  return () => {
    clearTimeout(timer)
    timer = setTimeout(work, ms)
  }
}
