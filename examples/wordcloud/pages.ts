import { isPending, statusLine } from './described.ts'
import { jsonOfCounts, type Version } from './documents.ts'
import { html, jsonData, Markup } from './html.ts'

export const startPage = (
  me: string,
  latest: readonly Version[],
  { flash, made }: Readonly<{ flash?: string | undefined; made?: Made }>,
): string =>
  layout(
    'Word clouds',
    html`<h1>Hello from ${me}!</h1>
      ${made === undefined ? banner(flash) : madeBanner(made)}
      <form method="post" action="/" enctype="multipart/form-data" id="upload">
        <label>Name of the document <input name="document-name" required maxlength="200" /></label>
        <label>Text file <input type="file" name="input-file" required /></label>
        <button>Upload</button>
        <progress id="sent" hidden></progress>
        <p id="problem" role="alert" hidden></p>
      </form>
      ${latest.length === 0
        ? undefined
        : html`<h2>Latest</h2>
            <ul class="documents">
              ${latest.map((version) => html`<li>${linkTo(version, version.name)} ${small(version)}</li>`)}
            </ul>`}
      <script type="module" src="/static/upload.js"></script>`,
  )

type Made = Readonly<{ version: Version; address: string; file: string }>

const madeBanner = ({ version, address, file }: Made): Markup =>
  html`<p class="banner" role="status">
    "${version.name}" uploaded to S3 as <a href="${file}">${version.key}</a><br />
    Check out your word cloud at <a href="${address}">${address}</a>!
  </p>`

const banner = (flash: string | undefined): Markup | undefined =>
  flash === undefined ? undefined : html`<p class="banner" role="status">${flash}</p>`

const linkTo = ({ slug, n }: Version, text: string): Markup =>
  html`<a href="/wordcloud/${encodeURIComponent(slug)}?version=${n}">${text}</a>`

const small = ({ n, status }: Version): Markup => html`<small>version ${n}, ${status}</small>`

/** The cloud, or the page that waits for it: the script swaps one for the other. */
export const cloudPage = (
  version: Version,
  versions: readonly Version[],
  flash: string | undefined,
): string =>
  layout(
    version.name,
    html`<h1>${version.name}</h1>
      ${banner(flash)}
      <section id="document" data-id="${version.id}" data-status="${version.status}">
        <p id="status" role="status">${statusLine(version)}</p>
        <progress
          id="progress"
          aria-label="Counting"
          max="1"
          value="${version.bytes === null ? 0 : version.doneBytes / Math.max(1, version.bytes)}"
          ${hiddenUnless(isPending(version))}
        ></progress>
        ${figure(version.status === 'done')}
        <p id="downloads" ${hiddenUnless(version.status === 'done')}>
          Download
          <button type="button" class="quiet" id="save-svg">SVG</button>
          <button type="button" class="quiet" id="save-png">PNG</button>
          <a href="/api/documents/${version.id}/counts.csv">CSV</a>
          <a href="/api/documents/${version.id}" download="counts.json">JSON</a>
          <a href="/api/documents/${version.id}/file">Text</a>
        </p>
      </section>
      <div class="beside">
        ${table(version.words ?? [])}
        <section>
          <h2>Versions</h2>
          <ul class="documents">
            ${versions.map(versionLine)}
          </ul>
        </section>
      </div>
      ${scripts(version.words ?? [])}`,
    isPending(version) ? html`<noscript><meta http-equiv="refresh" content="5" /></noscript>` : undefined,
  )

const versionLine = (version: Version): Markup =>
  html`<li>
    ${linkTo(version, `version ${version.n}`)}
    <small>
      ${[version.filename, shortTime(version.uploadedAt), version.status].filter(Boolean).join(', ')}
    </small>
    <form method="post" action="/api/documents/${version.id}/delete">
      <button class="quiet" aria-label="Delete version ${version.n}">Delete</button>
    </form>
  </li>`

/** `2026-11-28 14:05 UTC` */
const shortTime = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`

const hiddenUnless = (isShown: boolean): Markup => new Markup(isShown ? '' : 'hidden')

/** Where the script draws; the table has the same counts. */
const figure = (isShown: boolean): Markup =>
  html`<figure id="cloud" ${hiddenUnless(isShown)}></figure>
    <p id="left-out"></p>`

type Words = readonly (readonly [word: string, count: number])[]

const table = (words: Words): Markup =>
  html`<table id="counts" ${hiddenUnless(words.length > 0)}>
    <thead>
      <tr><th scope="col">Word</th><th scope="col">Count</th></tr>
    </thead>
    <tbody>
      ${words.map(([word, count]) => html`<tr><td dir="auto">${word}</td><td>${count}</td></tr>`)}
    </tbody>
  </table>`

const scripts = (words: Words): Markup =>
  html`${jsonData('word-counts', jsonOfCounts(words))}
    <script src="/static/d3.layout.cloud.js"></script>
    <script type="module" src="/static/document.js"></script>`

export const notFoundPage = (): string =>
  layout(
    'Error',
    html`<h1>There is no such document.</h1>
      ${figure(true)} ${table(NOT_FOUND)} ${scripts(NOT_FOUND)}`,
  )

const NOT_FOUND = [
  ['error', 5],
  ['nosuch', 3],
  ['document', 2],
  ['name', 1],
] as const

export const errorPage = (message: string): string =>
  layout('Error', html`<h1>That did not work.</h1><p>${message}</p><p><a href="/">Back to the start</a></p>`)

export const failedPage = (failed: readonly Version[], flash: string | undefined): string =>
  layout(
    'Failed counts',
    html`<h1>Failed counts</h1>
      ${banner(flash)} ${failed.length === 0 ? html`<p>There are none.</p>` : undefined}
      <ul class="documents">
        ${failed.map(
          (version) => html`<li>
            ${linkTo(version, version.name)} <small>version ${version.n}: ${version.error}</small>
            ${version.bytes === null ? undefined : retryForm(version)}
          </li>`,
        )}
      </ul>`,
  )

const retryForm = ({ id }: Version): Markup =>
  html`<form method="post" action="/api/documents/${id}/retry"><button class="quiet">Try again</button></form>`

const layout = (title: string, body: Markup, head?: Markup): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/static/style.css" />
        ${head}
      </head>
      <body>
        <header><a href="/">Word clouds</a><nav><a href="/failed">Failed counts</a></nav></header>
        <main>${body}</main>
      </body>
    </html>`.text
