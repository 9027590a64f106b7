import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { html, trusted, type Html, type HtmlValue } from '../html.ts'

export type Page = Readonly<{
  title: string
  /** Style sheets and scripts. */
  head?: HtmlValue
  body: HtmlValue
}>

/**
 * A whole page: language, encoding, width of a phone, light and dark.
 *
 * @example page({ title: 'Apps', head: inlineStyle(STYLE), body: html`<h1>Apps</h1>` }).text
 */
export const page = ({ title, head, body }: Page): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${head}
      </head>
      <body>
        ${body}
      </body>
    </html>`

/** The colors and basics of all our pages as a file, for products that serve style sheets. */
export const TOKENS_PATH: string = join(import.meta.dirname, 'tokens.css')

/** The tokens and then a product's own CSS, inside the page: for pages that load nothing. */
export const inlineStyle = (css: string): Html => trusted(`<style>\n${TOKENS}${css}</style>`)

const TOKENS = readFileSync(TOKENS_PATH, 'utf8')
