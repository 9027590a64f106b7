import { html, type Html } from '@hokku/kit/html'
import type { AppView } from '../app-view.ts'
import { formTokenField, type Frame } from './layout.ts'

/** The one value that was asked for. */
export type Revealed = Readonly<{ name: string; value: string }>

/** Names of the config vars; a value comes only when its button is pressed. */
export const configSection = (frame: Frame, app: AppView, revealed: Revealed | null): Html => html`
  <section id="config">
    <h2>Config vars</h2>
    ${
      app.configVars.length === 0
        ? html`<p class="none">None. <code>heroku config:set NAME=value -a ${app.name}</code></p>`
        : html`<ul class="rows">
          ${app.configVars.map(
            ({ name, isAddon }) => html`<li class="config-var">
              <form
                method="post"
                action="/dashboard/apps/${app.name}/config-var#config"
                data-reveal
              >
                ${formTokenField(frame.session?.formToken ?? '')}
                <input type="hidden" name="name" value="${name}" />
                <code class="name">${name}</code>
                ${isAddon && html`<span class="tag">add-on</span>`}
                <button class="quiet" aria-label="Show the value of ${name}">Show</button>
              </form>
              <output>${revealed?.name === name && revealed.value}</output>
            </li>`,
          )}
        </ul>`
    }
  </section>
`
