import { html, type Html } from '@hokku/kit/html'
import type { AppView } from '../app-view.ts'
import type { Dyno, DynoState } from '../../dynos/index.ts'
import { label } from './state-label.ts'
import { timeAgo } from './time-ago.ts'

/** Every dyno with its state, since when and why; then the process types that are off. */
export const dynoSection = (app: AppView, now: Date): Html => html`
  <section data-live="dynos">
    <h2>Dynos</h2>
    ${
      app.dynos.length + app.off.length === 0
        ? html`<p class="none">None: a deploy brings the first.</p>`
        : html`<ul class="rows">
          ${app.dynos.map((dyno) => dynoRow(dyno, now))}
          ${app.off.map(
            ({ type, command }) => html`<li class="dyno muted">
              <span class="name">${type}</span>${label('off', 'off')}
              <code class="what" title="${command}">${command}</code>
              <span class="why">heroku ps:scale ${type}=1 -a ${app.name}</span>
            </li>`,
          )}
        </ul>`
    }
  </section>
`

const dynoRow = (dyno: Dyno, now: Date): Html => html`
  <li class="dyno">
    <span class="name">${dyno.name}</span>${label(COLORS[dyno.state], dyno.state)}
    <code class="what" title="${dyno.command}">${dyno.command}</code>
    <span class="why">
      ${dyno.stateReason !== null && html`${dyno.stateReason} · `}${timeAgo(dyno.stateSince, now)} ·
      v${dyno.release.version} · ${dyno.size}
    </span>
  </li>
`

const COLORS: Readonly<Record<DynoState, string>> = {
  starting: 'starting',
  up: 'up',
  idle: 'idle',
  crashed: 'crashed',
  stopping: 'starting',
  down: 'off',
  complete: 'off',
}
