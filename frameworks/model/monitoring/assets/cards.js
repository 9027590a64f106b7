// Cards of the page: what fills them, what stands there while nothing does, and their numbers as a file.

/** @typedef {Parameters<Element['append']>} Content what an element can hold */

/**
 * Draws into a card, or says why there is nothing to draw.
 *
 * @param {string} id
 * @param {{
 *   numbers: readonly object[]
 *   nothing: string | undefined
 *   draw: (width: number) => Content
 * }} content `nothing` is what to say instead; `numbers` are what a click downloads
 */
export function fill(id, { numbers, nothing, draw }) {
  const card = find(`#${id}`)
  const body = find('.body', card)
  const button = /** @type {HTMLButtonElement} */ (find('button', card))
  button.hidden = nothing !== undefined
  button.onclick = () => download(`${id}.csv`, numbers)
  body.classList.toggle('quiet', nothing !== undefined)
  if (nothing === undefined) body.replaceChildren(...draw(Math.max(WIDTH_MIN, body.clientWidth)))
  else body.textContent = nothing
}

/** Of a picture; narrower ones cannot be read. */
const WIDTH_MIN = 240

/**
 * @param {string} selector
 * @param {ParentNode} [within]
 */
export function find(selector, within = document) {
  const found = within.querySelector(selector)
  if (found === null) throw new Error(`the page has no ${selector}`)
  return /** @type {HTMLElement} */ (found)
}

/**
 * @param {string} tag
 * @param {object} properties
 * @param {Content} children
 */
export function element(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties)
  node.append(...children)
  return node
}

/**
 * A row of a table: the first cell names it, the others are numbers.
 *
 * @param {'th' | 'td'} tag
 * @param {readonly string[]} cells
 */
export const row = (tag, ...cells) =>
  element(
    'tr',
    {},
    ...cells.map((text, i) => element(tag, { className: i === 0 ? '' : 'number' }, text)),
  )

/** @param {readonly Node[]} rows */
export const table = (...rows) =>
  element('div', { className: 'scroll' }, element('table', {}, ...rows))

/**
 * @param {string} name
 * @param {readonly object[]} rows
 */
function download(name, rows) {
  const text = csvOf(rows.map(flat))
  const href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  element('a', { href, download: name }).click()
  URL.revokeObjectURL(href)
}

/** @typedef {string | number | boolean | null} Value */

/**
 * Numbers of an inner record get their own columns, e.g. `confusion.tp`.
 *
 * @param {object} record
 * @returns {Record<string, Value>}
 */
const flat = (record) =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([inner, part]) => [`${name}.${inner}`, part])
        : [[name, value]],
    ),
  )

/** @param {readonly Record<string, Value>[]} rows */
function csvOf(rows) {
  const names = [...new Set(rows.flatMap((record) => Object.keys(record)))]
  const lines = [names, ...rows.map((record) => names.map((name) => record[name] ?? ''))]
  return lines.map((cells) => `${cells.map((cell) => quoted(String(cell))).join(',')}\n`).join('')
}

/** @param {string} text */
const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
