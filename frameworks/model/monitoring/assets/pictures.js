// Pictures by Observable Plot: numbers in, a figure out.
import { count, decimal, percent } from './format.js'

// Plot comes as a plain script before this one.
const { Plot } = /** @type {any} */ (globalThis)

const ACCENT = 'var(--accent)'
const AXIS_ROOM = 48

/** @typedef {{ from: Date, count: number, labelled: number }} Step */

/**
 * @param {readonly Step[]} steps
 * @param {'hour' | 'day' | 'week'} per
 * @param {number} width
 */
export const volumePicture = (steps, per, width) =>
  Plot.plot({
    width,
    height: 220,
    marginLeft: AXIS_ROOM,
    x: { type: 'utc', label: null },
    y: {
      label: `per ${per}: all (pale), with outcome (full)`,
      ...counts(Math.max(...steps.map((step) => step.count))),
    },
    marks: [
      Plot.rectY(steps, {
        x: 'from',
        interval: per,
        y: 'count',
        fill: ACCENT,
        fillOpacity: 0.35,
        tip: true,
        title: (/** @type {Step} */ step) =>
          `${timeText(step.from)}\n${count(step.count)} predictions\n${count(step.labelled)} with outcome`,
      }),
      Plot.rectY(steps, { x: 'from', interval: per, y: 'labelled', fill: ACCENT }),
      Plot.ruleY([0]),
    ],
  })

/**
 * @param {readonly { count: number }[]} bins
 * @param {number} width
 */
export const scoresPicture = (bins, width) =>
  Plot.plot({
    width,
    height: 240,
    marginLeft: AXIS_ROOM,
    x: { label: 'probability', domain: [0, 1] },
    y: { label: 'predictions', ...counts(Math.max(...bins.map((bin) => bin.count))) },
    marks: [
      Plot.rectY(bins, { x1: 'from', x2: 'to', y: 'count', fill: ACCENT, inset: 0.5, tip: true }),
      Plot.ruleY([0]),
    ],
  })

/** @typedef {{ from: number, to: number, n: number, mean_proba: number, share: number }} CalibrationBin */

const DIAGONAL = [
  [0, 0],
  [1, 1],
]

/**
 * @param {readonly CalibrationBin[]} bins
 * @param {number} width
 */
export const calibrationPicture = (bins, width) =>
  Plot.plot({
    width,
    height: 240,
    marginLeft: AXIS_ROOM,
    grid: true,
    x: { label: 'predicted probability', domain: [0, 1] },
    y: { label: 'true share', domain: [0, 1] },
    r: { type: 'identity' },
    marks: [
      Plot.line(DIAGONAL, { stroke: 'currentColor', strokeOpacity: 0.4, strokeDasharray: '3 3' }),
      Plot.line(bins, { x: 'mean_proba', y: 'share', stroke: ACCENT }),
      Plot.dot(bins, {
        x: 'mean_proba',
        y: 'share',
        r: (/** @type {CalibrationBin} */ bin) => Math.min(7, 2 + Math.log10(bin.n)),
        fill: ACCENT,
        tip: true,
        title: (/** @type {CalibrationBin} */ bin) =>
          `${bin.from.toFixed(1)} to ${bin.to.toFixed(1)}: ${count(bin.n)} predictions\npredicted ${percent(bin.mean_proba)}, true ${percent(bin.share)}`,
      }),
    ],
  })

/** @typedef {{ time: Date, measure: string, value: number, n: number, isPartial: boolean }} Point */

/**
 * A picture a measure: they have no unit in common.
 *
 * @param {readonly Point[]} points
 * @param {number} width of all of them together
 */
export function qualityPictures(points, width) {
  const measures = [...new Set(points.map((point) => point.measure))]
  const columns = Math.min(measures.length, Math.max(1, Math.floor(width / QUALITY_WIDTH_MIN)))
  const each = (width - GAP * (columns - 1)) / columns
  return measures.map((measure) =>
    qualityPicture(
      points.filter((point) => point.measure === measure),
      each,
    ),
  )
}

const QUALITY_WIDTH_MIN = 320
/** Between them, as the style has it. */
const GAP = 16

/**
 * @param {readonly Point[]} points of one measure
 * @param {number} width
 */
const qualityPicture = (points, width) =>
  Plot.plot({
    width,
    height: 130,
    marginLeft: AXIS_ROOM,
    x: { type: 'utc', label: null },
    y: { label: points[0]?.measure, labelArrow: 'none', ticks: 3, nice: true, grid: true },
    marks: [
      Plot.line(points, { x: 'time', y: 'value', stroke: ACCENT }),
      Plot.dot(points, {
        x: 'time',
        y: 'value',
        stroke: ACCENT,
        // A window that is not full yet may still move.
        fill: (/** @type {Point} */ point) => (point.isPartial ? 'var(--card)' : ACCENT),
        r: points.length > width ? 0 : 2,
        tip: true,
        title: (/** @type {Point} */ point) =>
          `${point.measure} ${decimal(point.value)}\n${timeText(point.time)}\n${count(point.n)} outcomes${point.isPartial ? ', not complete' : ''}`,
      }),
    ],
  })

/**
 * An axis of counts: no fractions where there are few.
 *
 * @param {number} most
 */
const counts = (most) => ({
  grid: true,
  ...(most < FEW ? { ticks: most, tickFormat: 'd' } : { tickFormat: 's' }),
})

const FEW = 6

/** @param {Date} time */
const timeText = (time) => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
