import { html, type Html } from '@hokku/kit/html'
import type { AppView } from '../app-view.ts'
import { addonSection } from './addon-section.ts'
import { configSection, type Revealed } from './config-section.ts'
import { deploySection } from './deploy-section.ts'
import { dynoSection } from './dyno-section.ts'
import { layout, type Frame } from './layout.ts'
import { releaseSection } from './release-section.ts'
import { label, stateLabel } from './state-label.ts'

/** One app: how it is, what it runs, what happened to it, and its log as it comes. */
export function appOverviewPage(frame: Frame, app: AppView, revealed: Revealed | null): string {
  const path = `/dashboard/apps/${app.name}`
  const isBlank = app.state === 'blank'
  return layout(
    frame,
    app.name,
    html`<p class="crumbs"><a href="/dashboard">Apps</a></p>
      ${headline(app)} ${isBlank && deploySection(app)}
      <div class="overview" data-refresh="${path}/live">
        <div class="wide">
          ${dynoSection(app, frame.now)} ${logSection(app.name, path)}
          ${!isBlank && deploySection(app)}
        </div>
        <div class="side">
          ${releaseSection(app, frame.now)} ${addonSection(app)}
          ${configSection(frame, app, revealed)}
        </div>
      </div>`,
  )
}

/** The parts that change by themselves, each with the name under which the page knows it. */
export const liveParts = (app: AppView, now: Date): string =>
  html`${headline(app)}${dynoSection(app, now)}${releaseSection(app, now)}${addonSection(app)}`.text

const headline = (app: AppView): Html => html`
  <div class="head" data-live="headline">
    <h1>${app.name}</h1>
    ${stateLabel(app)} ${app.maintenance && label('starting', 'maintenance')}
    ${
      app.state !== 'blank' &&
      html`<a class="open" href="${app.url}" rel="noreferrer">Open app ↗</a>`
    }
  </div>
`

const logSection = (name: string, path: string): Html => html`
  <section class="log-section">
    <h2>Log <span class="log-state" role="status"></span></h2>
    <div class="log" data-log="${path}/log" tabindex="0" role="log" aria-label="Log">
      <noscript>heroku logs --tail -a ${name}</noscript>
    </div>
  </section>
`
