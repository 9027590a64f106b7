import { html, type Html } from '@hokku/kit/html'
import type { AppView, ReleaseView } from '../app-view.ts'
import { label } from './state-label.ts'
import { timeAgo } from './time-ago.ts'

/** What happened to the app of late, newest first. */
export const releaseSection = (app: AppView, now: Date): Html => html`
  <section data-live="releases">
    <h2>Releases</h2>
    <ol class="rows">
      ${app.releases.map(
        (release) => html`<li class="release${release.isCurrent ? ' current' : ''}">
          <span class="name">v${release.version}</span>
          <span class="what">${release.description}</span>
          ${statusOf(release)}
          <span class="why">${release.by} · ${timeAgo(release.createdAt, now)}</span>
        </li>`,
      )}
    </ol>
    ${
      (app.releases.at(-1)?.version ?? 1) > 1 &&
      html`<p class="more"><code>heroku releases -a ${app.name}</code> lists earlier ones.</p>`
    }
  </section>
`

function statusOf({ status, isCurrent }: ReleaseView): Html | false {
  if (isCurrent) return label('up', 'current')
  if (status === 'pending') return label('starting', 'pending')
  return status === 'succeeded' ? false : label('crashed', status)
}
