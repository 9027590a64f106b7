import { html, jsonData } from './html.ts'
import { page } from './page.ts'

/** The picture is drawn by the browser, with d3-cloud from the submodule. */
export const cloudPage = (title: string, counts: object): string =>
  page(
    title,
    html`<h1>${title}</h1>
      <figure id="cloud"></figure>
      ${jsonData('word-counts', JSON.stringify(counts))}
      <script src="/static/vendor/d3-cloud/build/d3.layout.cloud.js"></script>
      <script type="module" src="/static/draw.js"></script>`,
  )

export const NO_SUCH_DOCUMENT = { error: 5, nosuch: 3, document: 2, name: 1 }
