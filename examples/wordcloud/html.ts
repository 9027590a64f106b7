/** Markup, as against text that has to be escaped. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = Markup | string | number | null | undefined | readonly Value[]

/** A template in which every value is text, unless it is Markup itself. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(strings.map((part, i) => part + render(values[i])).join(''))
}

function render(value: Value): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map((item) => render(item)).join('')
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** JSON for a script: always data to the browser, never code. */
export const jsonData = (id: string, json: string): Markup =>
  html`<script type="application/json" id="${id}">${new Markup(json.replaceAll('<', '\\u003c'))}</script>`
