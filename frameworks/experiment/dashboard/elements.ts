import { html, type Html } from '@hokku/kit/html'
import { STATUS_WORD } from '../participants/status.ts'

/** Where the browser's side says what came of an action. */
export const OUTCOME = html`<div id="outcome" role="status"></div>`

export const statusWord = (status: number | null): string =>
  STATUS_WORD[status ?? 0] ?? String(status)

/** A time as the database keeps it, without zone: UTC, to the second. */
export const shortTime = (time: Date | string | null | undefined): string =>
  (time instanceof Date ? time.toISOString() : (time ?? '')).replace('T', ' ').slice(0, 19)

type Cell = Html | string | number | null

/** A table that scrolls by itself on a phone; columns of numbers stand on the right. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  const isNumber = heads.map(
    (_, column) => rows.length > 0 && rows.every((row) => isNumeric(row[column] ?? null)),
  )
  const side = (column: number): Html | null => (isNumber[column] === true ? ON_THE_RIGHT : null)
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>${heads.map((head, i) => html`<th${side(i)}>${head}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map((row) => html`<tr>${row.map((cell, i) => html`<td${side(i)}>${cell}</td>`)}</tr>`)}
      </tbody>
    </table>
  </div>`
}

const ON_THE_RIGHT = html` class="number"`

const isNumeric = (cell: Cell): boolean =>
  typeof cell === 'number' || (typeof cell === 'string' && /^\$\d/.test(cell))

/** Names and what they are: one thing at a glance. */
export const facts = (pairs: readonly (readonly [string, Cell])[]): Html =>
  html`<dl class="facts">${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value === '' || value === null ? '–' : value}</dd></div>`)}</dl>`

/** A button that asks the API for something and shows what came of it. */
export const actionButton = (
  label: string,
  request: Readonly<{ method: string; url: string; body?: object; confirm?: string }>,
): Html =>
  html`<button type="button" class="action" data-method="${request.method}" data-url="${request.url}"
    data-body="${request.body === undefined ? '' : JSON.stringify(request.body)}"
    data-confirm="${request.confirm ?? ''}">${label}</button>`

/** The same for an action on many things, which runs in the background and shows how far it is. */
export const jobButton = (label: string, name: string, confirm: string): Html =>
  actionButton(label, { method: 'POST', url: '/api/jobs', body: { name }, confirm })

export const numberField = (name: string, label: string, value: number, step = '1'): Html =>
  html`<label>${label} <input type="number" name="${name}" value="${value}" min="0" step="${step}" required></label>`

/** A choice of one of several; `all` stands for no choice. */
export const choiceField = (
  name: string,
  label: string,
  options: readonly (readonly [value: string, label: string])[],
  chosen: string,
): Html =>
  html`<label>${label} <select name="${name}">${options.map(([value, text]) => html`<option value="${value}"${value === chosen ? SELECTED : null}>${text}</option>`)}</select></label>`

const SELECTED = html` selected`

export const checkField = (name: string, label: string, isOn: boolean): Html =>
  html`<label class="check"><input type="checkbox" name="${name}" value="1"${isOn ? CHECKED : null}>${label}</label>`

const CHECKED = html` checked`

/** Rounds and tasks need a server that runs them. */
export const schedulerNotice = (isRunning: boolean): Html | null =>
  isRunning
    ? null
    : html`<p class="flash">do_scheduler is off: nothing will run until a server with <code>do_scheduler = true</code> does.</p>`
