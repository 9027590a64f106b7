/** Text that is HTML already and is not escaped again. Made only by `html` and `trusted`. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** What may stand in a hole of an `html` template; null, undefined and false leave it empty. */
export type HtmlHole = string | number | Html | null | undefined | false | readonly HtmlHole[]

/**
 * A template tag that escapes every hole, so that user input cannot become markup.
 *
 * @example html`<h1>${app.name}</h1><ul>${apps.map((a) => html`<li>${a}</li>`)}</ul>`
 */
export function html(strings: TemplateStringsArray, ...holes: HtmlHole[]): Html {
  return new Html(strings.reduce((text, part, i) => text + render(holes[i - 1]) + part))
}

/** Marks text as HTML. Only for constants of our own and for output of a sanitiser. */
export const trusted = (text: string): Html => new Html(text)

/** JSON that is safe inside a `<script>` element. */
export const scriptJson = (value: unknown): Html =>
  new Html(JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028'))

function render(hole: HtmlHole): string {
  if (hole === null || hole === undefined || hole === false) return ''
  if (hole instanceof Html) return hole.text
  if (Array.isArray(hole)) return hole.map((item: HtmlHole) => render(item)).join('')
  return String(hole).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
