import { html, type Html } from '@hokku/kit/html'
import type { AddonView, AppView } from '../app-view.ts'
import { label } from './state-label.ts'

/** The add-ons that an app uses, and under which names. */
export const addonSection = (app: AppView): Html => html`
  <section data-live="addons">
    <h2>Add-ons</h2>
    ${
      app.addons.length === 0
        ? html`<p class="none">
          None. <code>heroku addons:create heroku-postgresql -a ${app.name}</code>
        </p>`
        : html`<ul class="rows">
          ${app.addons.map(addonRow)}
        </ul>`
    }
  </section>
`

const addonRow = ({ name, plan, state, attachments }: AddonView): Html => html`
  <li class="addon">
    <span class="name">${attachments.join(', ')}</span>
    ${state !== 'provisioned' && label('starting', state)}
    <span class="why">${plan} · ${name}</span>
  </li>
`
