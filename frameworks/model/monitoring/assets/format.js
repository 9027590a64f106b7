// How numbers read on the page.

/** @typedef {number | null | undefined} Maybe */

/** @param {Maybe} share */
export const percent = (share) =>
  share === null || share === undefined ? '–' : `${(share * 100).toFixed(1)} %`

/** @param {Maybe} value */
export const decimal = (value) => {
  if (value === null || value === undefined) return '–'
  return Math.abs(value) < 1000 ? value.toFixed(3) : value.toPrecision(4)
}

/** @param {number} value */
export const count = (value) => value.toLocaleString('en')

/**
 * A share of two counts; null where there is nothing to share.
 *
 * @param {number} part
 * @param {number} whole
 */
export const share = (part, whole) => (whole === 0 ? null : part / whole)
