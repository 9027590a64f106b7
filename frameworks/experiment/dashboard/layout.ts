import { html, trusted, type Html } from '@hokku/kit/html'
import { page } from '@hokku/kit/pages'
import type { FastifyReply } from '@hokku/kit/http'
import { ownVersion } from '../version.ts'
import type { StudyServer } from '../http/study-server.ts'
import type { Visitor } from './login.ts'
import type { PageContent } from './view.ts'

const PLACES = [
  ['', 'Overview'],
  ['participants', 'Participants'],
  ['hits', 'HITs'],
  ['campaigns', 'Campaigns'],
  ['tasks', 'Tasks'],
  ['links', 'Links'],
  ['data', 'Data'],
] as const

/** A page of the dashboard: header with mode and balance, navigation, messages, content. */
export function layout(
  server: StudyServer,
  visitor: Visitor | undefined,
  content: PageContent,
  flashes: readonly string[] = [],
): string {
  const { hit, task } = server.study.settings
  return page({
    title: `${content.title} · ${hit.title || 'Experiment'}`,
    head: html`<link rel="stylesheet" href="/dashboard/assets/tokens.css" />
        <link rel="stylesheet" href="/dashboard/assets/dashboard.css" />
        <script type="module" src="/dashboard/assets/dashboard.js"></script>
        ${content.place === '' ? PLOTS : null}`,
    body: html`<header>
          <a class="name" href="/dashboard/">${hit.title || 'Experiment'}</a>
          <span class="quiet">version ${task.experiment_code_version} · hokku ${ownVersion()}</span>
          ${visitor === undefined ? null : modeSwitch(visitor)}
        </header>
        ${visitor === undefined ? null : navigation(content.place)}
        <main>
          ${flashes.map((message) => html`<p class="flash" role="status">${message}</p>`)}
          <h1>${content.title}</h1>
          ${content.body}
        </main>`,
  }).text
}

/** Only the overview draws. */
const PLOTS = trusted(`<script defer src="/dashboard/assets/d3.js"></script>
        <script defer src="/dashboard/assets/plot.js"></script>
        <script type="module" src="/dashboard/assets/plots.js"></script>`)

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

export const sendPage = (reply: FastifyReply, text: string): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .header('Cache-Control', 'no-store')
    .header('X-Frame-Options', 'DENY')
    .header(
      'Content-Security-Policy',
      "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    )
    .send(text)
