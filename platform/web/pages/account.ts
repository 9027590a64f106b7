import { html, type Html } from '@hokku/kit/html'
import type { Authorization } from '../../store/index.ts'
import { formTokenField, layout, type Frame } from './layout.ts'
import { timeAgo } from './time-ago.ts'

/** The tokens and sessions of the account that is signed in; `current` is the session in use. */
export function accountPage(
  frame: Frame,
  authorizations: readonly Authorization[],
  current: string,
): string {
  const section = (title: string, kind: Authorization['kind'], none: string): Html => {
    const entries = authorizations.filter((entry) => entry.kind === kind)
    return html`<section>
      <h2>${title}</h2>
      ${
        entries.length === 0
          ? html`<p>${none}</p>`
          : html`<ul class="grants">${entries.map((entry) => grant(entry, frame, current))}</ul>`
      }
    </section>`
  }
  return layout(
    frame,
    'Account',
    html`<div class="head"><h1>${frame.session?.email}</h1></div>
      ${section('Sessions', 'session', 'None.')}
      ${section('Tokens', 'token', 'None. Make one with: heroku authorizations:create')}`,
  )
}

const grant = (entry: Authorization, frame: Frame, current: string): Html => html`
  <li>
    <span>
      <strong>${entry.description}</strong><br />
      <span class="about">
        ${entry.tokenHint}… · ${entry.scope} · made ${timeAgo(entry.createdAt, frame.now)}
        ${entry.expiresAt !== null && html`· ends ${entry.expiresAt.slice(0, 10)}`}
      </span>
    </span>
    ${
      entry.id === current
        ? html`<span class="about">in use here</span>`
        : html`<form method="post" action="/dashboard/account/revoke">
            ${formTokenField(frame.session?.formToken ?? '')}
            <input type="hidden" name="id" value="${entry.id}" />
            <button class="quiet">Revoke</button>
          </form>`
    }
  </li>
`
