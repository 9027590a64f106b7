import type { Version } from './documents.ts'

/** Markup, as against text that has to be escaped. */
class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = Markup | string | number | null | undefined | readonly Value[]

function html(strings: TemplateStringsArray, ...values: Value[]): Markup {
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

const layout = (title: string, body: Markup): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/static/style.css" />
      </head>
      <body>
        <header><a href="/">Word clouds</a></header>
        <main>${body}</main>
      </body>
    </html>`.text

export const startPage = (
  me: string,
  latest: readonly Version[],
  made?: Readonly<{ version: Version; address: string }>,
): string =>
  layout(
    'Word clouds',
    html`<h1>Hello from ${me}!</h1>
      ${made &&
      html`<p class="banner" role="status">
        "${made.version.name}" uploaded to S3 as ${made.version.key}.<br />
        Check out your word cloud at <a href="${made.address}">${made.address}</a>!
      </p>`}
      <form method="post" action="/" enctype="multipart/form-data" id="upload">
        <label>Name of the document <input name="document-name" required maxlength="200" /></label>
        <label>Text file <input type="file" name="input-file" required /></label>
        <button>Upload</button>
        <progress id="sent" hidden></progress>
        <p id="problem" role="alert" hidden></p>
      </form>
      <h2>Latest</h2>
      <ul class="documents">
        ${latest.map(
          (version) => html`<li>
            <a href="/wordcloud/${encodeURIComponent(version.slug)}?version=${version.n}"
              >${version.name}</a
            >
            <small>version ${version.n}, ${version.status}</small>
          </li>`,
        )}
      </ul>
      <script type="module" src="/static/upload.js"></script>`,
  )

/** The cloud, or the page that waits for it: the script swaps one for the other. */
export const cloudPage = (version: Version, versions: readonly Version[]): string =>
  layout(
    version.name,
    html`<h1>${version.name}</h1>
      <section id="document" data-id="${version.id}" data-status="${version.status}">
        <p id="status" role="status">${statusLine(version)}</p>
        <progress
          id="progress"
          max="1"
          value="${version.bytes === null ? 0 : version.doneBytes / Math.max(1, version.bytes)}"
          ${new Markup(isPending(version) ? '' : 'hidden')}
        ></progress>
        <figure id="cloud" ${new Markup(version.status === 'done' ? '' : 'hidden')}></figure>
        <p id="left-out"></p>
        <p id="downloads" ${new Markup(version.status === 'done' ? '' : 'hidden')}>
          <button type="button" id="save-svg">SVG</button>
          <button type="button" id="save-png">PNG</button>
          <a href="/api/documents/${version.id}/counts.csv">CSV</a>
          <a href="/api/documents/${version.id}">JSON</a>
        </p>
        <table id="counts">
          <thead>
            <tr><th scope="col">Word</th><th scope="col">Count</th></tr>
          </thead>
          <tbody>
            ${(version.words ?? []).map(
              ([word, count]) => html`<tr><td dir="auto">${word}</td><td>${count}</td></tr>`,
            )}
          </tbody>
        </table>
      </section>
      <h2>Versions</h2>
      <ul class="documents">
        ${versions.map(
          ({ n, slug, filename, status, uploadedAt }) => html`<li>
            <a href="/wordcloud/${encodeURIComponent(slug)}?version=${n}">version ${n}</a>
            <small>${filename}, ${uploadedAt.toISOString()}, ${status}</small>
          </li>`,
        )}
      </ul>
      <script src="/static/d3.layout.cloud.js"></script>
      <script type="module" src="/static/document.js"></script>`,
  )

export const isPending = ({ status }: Version): boolean => status !== 'done' && status !== 'failed'

export function statusLine(version: Version): string {
  switch (version.status) {
    case 'uploading':
      return 'The file is on its way.'
    case 'queued':
      return version.error === null ? 'Waiting for a worker.' : `Trying again: ${version.error}`
    case 'counting':
      return 'Counting words.'
    case 'failed':
      return `Failed: ${version.error ?? 'for no known reason'}`
    case 'done':
      return `${version.approximate ? 'About ' : ''}${version.totalWords ?? 0} words, ${version.distinctWords ?? 0} different ones.`
  }
}

const NOT_FOUND = [
  ['error', 5],
  ['nosuch', 3],
  ['document', 2],
  ['name', 1],
] as const

export const notFoundPage = (): string =>
  layout(
    'Error',
    html`<h1>There is no such document.</h1>
      <figure id="cloud"></figure>
      <p id="left-out"></p>
      <table id="counts">
        <tbody>
          ${NOT_FOUND.map(([word, count]) => html`<tr><td>${word}</td><td>${count}</td></tr>`)}
        </tbody>
      </table>
      <script src="/static/d3.layout.cloud.js"></script>
      <script type="module" src="/static/document.js"></script>`,
  )

export const failedPage = (failed: readonly Version[]): string =>
  layout(
    'Failed counts',
    html`<h1>Failed counts</h1>
      ${failed.length === 0 ? html`<p>There are none.</p>` : undefined}
      <ul class="documents">
        ${failed.map(
          (version) => html`<li>
            ${version.name}, version ${version.n}: ${version.error}
            <form method="post" action="/api/documents/${version.id}/retry">
              <button>Try again</button>
            </form>
          </li>`,
        )}
      </ul>`,
  )
