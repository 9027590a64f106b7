import { html, type Html } from '@hokku/kit/html'
import type { AppView } from '../app-view.ts'
import { command } from './layout.ts'

/** How to push to the app, also for people whose instructions speak of git@heroku.com. */
export const deploySection = ({ name, gitUrl, state }: AppView): Html => html`
  <section class="deploy">
    <h2>${state === 'blank' ? 'Push your program' : 'Deploy'}</h2>
    <p>In the folder of your program, a git repository:</p>
    ${command('eval "$(npx hokku env)"')} ${command(`git remote add heroku ${gitUrl}`)}
    ${command('git push heroku main')}
    <details>
      <summary>Your instructions say <code>git@heroku.com:${name}.git</code>?</summary>
      <p>That address leads to Heroku. Here pushes go over https; this line puts it right:</p>
      ${command(`git remote set-url heroku ${gitUrl}`)}
    </details>
  </section>
`
