import { html } from '@hokku/kit/html'
import type { CliLogin } from '../../api/index.ts'
import { formTokenField, layout, type Frame } from './layout.ts'
import { timeAgo } from './time-ago.ts'

/** Asks whether a command line may act for the signed-in account. */
export function cliLoginPage(frame: Frame, login: CliLogin): string {
  return layout(
    frame,
    'Log in',
    html`<section class="narrow">
      <h1>Log in the command line?</h1>
      <p>
        <strong>${login.description}</strong><br />
        asked from ${login.address}, ${timeAgo(login.at.toISOString(), frame.now)}
      </p>
      <p>
        It will be able to do everything that you can do here. Confirm only if you have just typed
        <code>heroku login</code> yourself.
      </p>
      <form method="post" action="/dashboard/cli-login/${login.id}" class="choice">
        ${formTokenField(frame.session?.formToken ?? '')}
        <button class="main" name="answer" value="yes">Log in as ${frame.session?.email}</button>
        <button name="answer" value="no">Cancel</button>
      </form>
    </section>`,
  )
}

/** A page of one message, e.g. that something is done or that it went wrong. */
export const messagePage = (frame: Frame, title: string, message: string, hint = ''): string =>
  layout(
    frame,
    title,
    html`<section class="narrow">
      <h1>${title}</h1>
      <p>${message}</p>
      ${hint !== '' && html`<p>${hint}</p>`}
      <p><a href="/dashboard">To the dashboard</a></p>
    </section>`,
  )
