import { html, type Html } from '@hokku/kit/html'
import type { AppSummary } from '../app-view.ts'
import { command, formTokenField, layout, type Frame } from './layout.ts'
import { stateLabel } from './state-label.ts'
import { timeAgo } from './time-ago.ts'

export type NewAppForm = Readonly<{ name: string; failure: string }>

/** All apps, and a form that makes another. */
export function appListPage(
  frame: Frame,
  apps: readonly AppSummary[],
  form: NewAppForm | null,
): string {
  return layout(
    frame,
    'Apps',
    html`<div class="head">
        <h1>Apps</h1>
        ${apps.length > 0 && newAppForm(frame, form)}
      </div>
      ${apps.length > 0 ? appTable(apps, frame.now) : noApps(frame, form)}`,
  )
}

const appTable = (apps: readonly AppSummary[], now: Date): Html => html`
  <ul class="apps">
    ${apps.map(
      (app) => html`<li>
        <a href="/dashboard/apps/${app.name}" class="app">
          <strong>${app.name}</strong>
          ${stateLabel(app)}
          <span class="about">${about(app, now)}</span>
        </a>
        ${
          app.state !== 'blank' &&
          html`<a class="open" href="${app.url}" rel="noreferrer" aria-label="Open ${app.name}">
          Open ↗
        </a>`
        }
      </li>`,
    )}
  </ul>
`

function about({ release, state }: AppSummary, now: Date): Html {
  if (release === null || state === 'blank') return html`Nothing deployed yet`
  return html`v${release.version} · ${release.description} · ${timeAgo(release.createdAt, now)}`
}

const noApps = (frame: Frame, form: NewAppForm | null): Html => html`
  <section class="empty">
    <h2>Your first app</h2>
    <p>Give it a name, or leave the name to us. Then push to it with git.</p>
    ${newAppForm(frame, form)}
    <p class="or">or in a shell, in the folder of your program:</p>
    ${command('eval "$(npx hokku env)" && heroku create')}
  </section>
`

function newAppForm({ session }: Frame, form: NewAppForm | null): Html {
  return html`<form method="post" action="/dashboard/apps" class="new-app">
    ${formTokenField(session?.formToken ?? '')}
    <input
      name="name"
      aria-label="Name of the new app"
      placeholder="name (optional)"
      value="${form?.name ?? ''}"
      maxlength="30"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
    />
    <button class="main">Create app</button>
    ${form !== null && html`<p class="failure" role="alert">${form.failure}</p>`}
  </form>`
}
