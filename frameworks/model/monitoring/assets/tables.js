// Figures and tables of the page.
import { element, find, row, table } from './cards.js'
import { count, decimal, percent, share } from './format.js'

/** @typedef {Record<string, number | null>} Measures */

/** Measures by name, with how they read; of each window and of all. */
const MEASURES = /** @type {const} */ ({
  auc: ['AUC', decimal],
  log_loss: ['log loss', decimal],
  brier: ['Brier', decimal],
  calibration_error: ['calibration error', decimal],
  accuracy: ['accuracy', percent],
  mean_absolute_error: ['mean absolute error', decimal],
  root_mean_square_error: ['root mean square error', decimal],
})
export const MEASURE_NAMES = Object.fromEntries(
  Object.entries(MEASURES).map(([key, [name]]) => [key, name]),
)

/** @param {{ rows: number, labelled_share: number | null, overall: Measures }} data */
export function showTotals({ rows, labelled_share: labelledShare, overall }) {
  const figures = [
    ['predictions', count(rows)],
    ['with outcome', percent(labelledShare)],
    ...Object.entries(MEASURES).flatMap(([key, [name, show]]) =>
      key in overall ? [[name, show(overall[key])]] : [],
    ),
  ]
  find('#totals').replaceChildren(
    ...figures.map(([name = '', value = '']) =>
      element('div', {}, element('b', {}, value), element('span', { className: 'quiet' }, name)),
    ),
  )
}

/** @typedef {{ threshold: number, tp: number, fp: number, fn: number, tn: number }} Confusion */

/** Where the reader has moved the threshold to; kept while the page is drawn anew. */
let slide = /** @type {number | undefined} */ (undefined)

/**
 * The four counts at a threshold that can be moved.
 *
 * @param {{ confusion: readonly Confusion[], threshold: number, classes: readonly unknown[] }} data
 */
export function confusionTable({ confusion, threshold, classes }) {
  const [negative, positive] = classes.map((label) => JSON.stringify(label))
  const slider = /** @type {HTMLInputElement} */ (
    element('input', { type: 'range', min: 0, max: 1, step: 0.01, ariaLabel: 'threshold' })
  )
  slider.value = String(slide ?? threshold)
  const place = element('div', {})
  const update = () => {
    const at = confusion[Math.round(Number(slider.value) * (confusion.length - 1))]
    if (at === undefined) return
    const { tp, fp, fn, tn } = at
    place.replaceChildren(
      table(
        row(
          'th',
          `at ${at.threshold.toFixed(2)}`,
          `predicted ${positive}`,
          `predicted ${negative}`,
        ),
        row('td', `true ${positive}`, count(tp), count(fn)),
        row('td', `true ${negative}`, count(fp), count(tn)),
      ),
      element(
        'p',
        {},
        `Precision ${percent(share(tp, tp + fp))}, recall ${percent(share(tp, tp + fn))}, F1 ${percent(share(2 * tp, 2 * tp + fp + fn))}, accuracy ${percent(share(tp + tn, tp + fp + fn + tn))}.`,
      ),
    )
  }
  slider.addEventListener('input', () => {
    slide = Number(slider.value)
    update()
  })
  update()
  return [element('label', {}, 'threshold', slider), place]
}

/**
 * @typedef {{
 *   column: string, psi: number | null, ks: number | null, verdict: string,
 *   missing_before: number | null, missing_now: number | null, unseen: number | null
 * }} ColumnDrift
 */

/**
 * @param {readonly ColumnDrift[]} columns
 * @param {{ before: number, now: number }} sizes
 */
export function driftTable(columns, sizes) {
  const rows = columns.map((column) => {
    const missing = `${percent(column.missing_before)} → ${percent(column.missing_now)}`
    const { psi, ks, unseen, verdict } = column
    const line = row(
      'td',
      column.column,
      verdict,
      decimal(psi),
      decimal(ks),
      missing,
      percent(unseen),
    )
    line.children[1]?.classList.add(verdict.split(' ')[0] ?? '')
    return line
  })
  return [
    table(row('th', 'column', '', 'PSI', 'KS', 'missing', 'unseen'), ...rows),
    element(
      'p',
      { className: 'quiet' },
      `The newest ${count(sizes.now)} observations against the oldest ${count(sizes.before)}. PSI below 0.1: steady; from 0.25 on the column has changed.`,
    ),
  ]
}

/**
 * @typedef {{
 *   version: string, n: number, other_answer_share: number | null, mean_distance: number | null,
 *   shadow: Measures, answered: Measures
 * }} Shadow
 */

/** @param {readonly Shadow[]} shadows */
export function shadowTable(shadows) {
  const keys = Object.entries(MEASURES).filter(([key]) =>
    shadows.some(({ shadow }) => key in shadow),
  )
  return [
    table(
      row(
        'th',
        'version',
        'asked',
        'other answer',
        'mean distance',
        ...keys.map(([, [name]]) => name),
      ),
      ...shadows.map(
        ({ version, n, other_answer_share: other, mean_distance: distance, ...both }) =>
          row(
            'td',
            version,
            count(n),
            percent(other),
            decimal(distance),
            ...keys.map(
              ([key, [, show]]) => `${show(both.shadow[key])} (${show(both.answered[key])})`,
            ),
          ),
      ),
    ),
    element(
      'p',
      { className: 'quiet' },
      'What shadow versions would have said; in brackets what was answered to the same observations.',
    ),
  ]
}
