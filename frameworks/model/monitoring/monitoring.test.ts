import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  areaUnderCurve,
  binaryPerformance,
  calibration,
  calibrationError,
  confusions,
} from './binary-performance.ts'
import { columnDrift } from './drift.ts'
import { isPartial, parseWindow, startOf } from './window.ts'

// Forty made-up predictions; the expected numbers are those of sklearn.metrics 1.2.1.
const PROBA = [
  0.42, 0.72, 0, 0.3, 0.15, 0.09, 0.19, 0.35, 0.4, 0.54, 0.42, 0.69, 0.2, 0.88, 0.03, 0.67, 0.42,
  0.56, 0.14, 0.2, 0.8, 0.97, 0.31, 0.69, 0.88, 0.89, 0.09, 0.04, 0.17, 0.88, 0.1, 0.42, 0.96, 0.53,
  0.69, 0.32, 0.69, 0.83, 0.02, 0.75,
]
const TRUE = '0000100111110101010011011100010110110101'
const ROWS = PROBA.map((proba, i) => ({ proba, isPositive: TRUE[i] === '1' }))

const close = (actual: number | null, expected: number): void =>
  assert(actual !== null && Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`)

test('AUC, log loss, Brier score and accuracy equal those of scikit-learn', () => {
  const { n, auc, log_loss: logLoss, brier, accuracy } = binaryPerformance(ROWS, 0.5)

  assert.equal(n, 40)
  close(auc, 0.8884711779448622)
  close(logLoss, 0.42779506109126686)
  close(brier, 0.14099500000000004)
  close(accuracy, 0.775)
})

test('with one class only, or no row, AUC is undefined and not a half', () => {
  assert.equal(areaUnderCurve([{ proba: 0.3, isPositive: true }]), null)
  assert.equal(areaUnderCurve([]), null)
  assert.deepEqual(binaryPerformance([], 0.5).log_loss, null)
})

test('the confusion at every hundredth equals a count of all rows', () => {
  const all = confusions(ROWS)

  assert.equal(all.length, 101)
  for (const { threshold, tp, fp, fn, tn } of all) {
    const count = (isPositive: boolean, isPredicted: boolean): number =>
      ROWS.filter((row) => row.isPositive === isPositive && row.proba >= threshold === isPredicted)
        .length
    assert.deepEqual(
      [tn, fp, fn, tp],
      [count(false, false), count(false, true), count(true, false), count(true, true)],
      `at ${threshold}`,
    )
  }
})

test('calibration bins hold every row once, and a perfect model has no error', () => {
  const bins = calibration(ROWS)
  const perfect = calibration([
    { proba: 1, isPositive: true },
    { proba: 0, isPositive: false },
  ])

  assert.equal(
    bins.reduce((sum, bin) => sum + bin.n, 0),
    40,
  )
  assert.equal(calibrationError(perfect), 0)
  assert.equal(calibrationError([]), null)
})

// scipy.stats.ks_2samp of these two samples is 0.26333.
const BEFORE = [
  0.3, 0.9, -0.8, 1.3, 0.5, -0.3, 0.5, -0.1, 1.1, 1.5, 2.2, -1.4, -1.4, -0.5, 0.2, 0.9, 0.3, -2,
  -0.3, 0.8, 0.2, 0.8, -0.2, -0.2, 0.2, 0.4, 0.2, 0.1, -0.7, 0.4, 0.1, 1.1, 1.2, 0.2, -0.4, -0.6,
  0.4, 0.1, -0.3, 0, -0.6, 0.7, -0.4, 1.2, 0.4, 0.6, -1.1, 0.2, 0.7, -1,
]
const NOW = [
  0.2, 0.5, -0.9, 0.8, 1.3, -0.4, 0.9, -0.8, 0.5, -1.1, 1.6, 0.9, 0.5, -0.3, 1.8, 2.5, -1.4, 1.7,
  2.1, 0.8, -0.7, 1.4, 0.3, -0.1, -0.7, 1.1, 1.3, -0.1, 1, -0.6, 1.3, 0.5, 0.3, 0.4, 1.4, 1.3, 1,
  0.6, 0.6, 1.1, 0.7, 1.2, 0.2, -1.9, 1.5, 2.7, 0.9, 0.4, 0.4, 0.4, 0.5, -0.6, 0, -0.5, 0.7, 0.2, 1,
  0.3, 1.5, 0.7,
]

test('the distance of two samples equals SciPy’s, and few rows earn no verdict', () => {
  const drift = columnDrift('x', true, BEFORE, NOW)

  close(drift.ks, 0.2633333333333333)
  assert.equal(drift.verdict, 'too few rows')
})

test('a column that moved has changed, one that did not is steady', () => {
  const many = Array.from({ length: 1000 }, (_, i) => i % 100)

  assert.equal(columnDrift('x', true, many, many).verdict, 'steady')
  assert.equal(
    columnDrift(
      'x',
      true,
      many,
      many.map((value) => value + 60),
    ).verdict,
    'changed',
  )
})

test('a category reports values that are new and values that are missing', () => {
  const before = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 'S' : 'C'))
  const now = Array.from({ length: 400 }, (_, i) => [null, 'S', 'C', 'X'][i % 4])

  const drift = columnDrift('Embarked', false, before, now)

  close(drift.missing_now, 0.25)
  close(drift.unseen, 1 / 3)
  assert.equal(drift.verdict, 'changed')
})

test('precision, recall and F1 equal those of scikit-learn, and are undefined where nothing is predicted', () => {
  const { precision, recall, f1 } = binaryPerformance(ROWS, 0.5)
  const none = binaryPerformance([{ proba: 0.2, isPositive: false }], 0.5)

  close(precision, 0.8333333333333334)
  close(recall, 0.7142857142857143)
  close(f1, 0.7692307692307692)
  assert.deepEqual([none.precision, none.recall, none.f1], [null, null, null])
})

test('a column that stays away has changed', () => {
  const before = Array.from({ length: 400 }, (_, i) => i)

  assert.equal(
    columnDrift(
      'x',
      true,
      before,
      before.map(() => null),
    ).verdict,
    'changed',
  )
})

test('a window is a step of the calendar or a number of predictions, open until it is over', () => {
  const from = new Date('2026-11-22T10:00:00Z')
  const later = new Date('2026-11-22T23:00:00Z')

  assert.equal(isPartial(parseWindow('day'), { from, count: 9 }, later), true)
  assert.equal(isPartial(parseWindow('hour'), { from, count: 9 }, later), false)
  assert.equal(isPartial(parseWindow('100'), { from, count: 99 }, later), true)
  assert.equal(isPartial(parseWindow('100'), { from, count: 100 }, later), false)
  for (const text of ['', 'year', '1', '1.5', '-100'])
    assert.throws(() => parseWindow(text), /window/)
})

test('weeks begin on Monday, in UTC, as in the database', () => {
  const sunday = new Date('2026-11-22T23:30:00Z')

  assert.equal(startOf(sunday, 'week').toISOString(), '2026-11-16T00:00:00.000Z')
  assert.equal(startOf(sunday, 'day').toISOString(), '2026-11-22T00:00:00.000Z')
  assert.equal(startOf(sunday, 'hour').toISOString(), '2026-11-22T23:00:00.000Z')
})
