import { html, trusted, type Html } from '@hokku/kit/html'
import type { StudyServer } from '../serve/study-server.ts'
import type { Visitor } from './login.ts'

const PLACES = [
  ['', 'Overview'],
  ['participants', 'Participants'],
  ['hits', 'HITs'],
  ['campaigns', 'Campaigns'],
  ['tasks', 'Tasks'],
  ['links', 'Links'],
  ['data', 'Data'],
] as const

/** A page of the dashboard: header with mode and balance, navigation, content. */
export function layout(
  server: StudyServer,
  visitor: Visitor | undefined,
  page: Readonly<{ title: string; place?: string; body: Html }>,
): string {
  const { hit, task } = server.study.settings
  return html`${trusted('<!doctype html>')}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${page.title} · ${hit.title || 'Experiment'}</title>
        <link rel="stylesheet" href="/dashboard/assets/dashboard.css" />
        <script defer src="/dashboard/assets/d3.js"></script>
        <script defer src="/dashboard/assets/plot.js"></script>
        <script defer src="/dashboard/assets/dashboard.js"></script>
      </head>
      <body>
        <header>
          <a class="name" href="/dashboard/">${hit.title || 'Experiment'}</a>
          <span class="quiet">version ${task.experiment_code_version}</span>
          ${visitor === undefined ? null : modeSwitch(visitor)}
        </header>
        ${visitor === undefined ? null : navigation(page.place)}
        <main>
          <h1>${page.title}</h1>
          ${page.body}
        </main>
      </body>
    </html>`.text
}

const modeSwitch = (visitor: Visitor): Html =>
  html`<span class="account"
    ><span id="balance" class="quiet" aria-live="polite"></span>
    <button type="button" class="mode ${visitor.mode}" data-mode="${visitor.mode}">
      ${visitor.mode}
    </button>
    <a href="/dashboard/logout">Log out</a></span
  >`

const navigation = (place: string | undefined): Html =>
  html`<nav>
    ${PLACES.map(
      ([path, title]) =>
        html`<a href="/dashboard/${path}" ${path === place ? trusted('aria-current="page"') : null}
          >${title}</a
        >`,
    )}
  </nav>`

/** A table that scrolls by itself on a phone. */
export const table = (
  heads: readonly string[],
  rows: readonly (readonly (Html | string | number | null)[])[],
): Html =>
  html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th>${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`

/** A button that posts to the API and shows what came of it. */
export const actionButton = (
  label: string,
  request: Readonly<{ method: string; url: string; body?: object; confirm?: string }>,
): Html =>
  html`<button
    type="button"
    class="action"
    data-method="${request.method}"
    data-url="${request.url}"
    data-body="${request.body === undefined ? '' : JSON.stringify(request.body)}"
    data-confirm="${request.confirm ?? ''}"
  >
    ${label}
  </button>`
