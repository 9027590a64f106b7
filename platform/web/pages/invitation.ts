import { html } from '@hokku/kit/html'
import { command, formTokenField, layout, type Frame } from './layout.ts'

/** Asks the person who was invited to make their token. */
export function invitationPage(frame: Frame, email: string, host: string): string {
  return layout(
    frame,
    'Invitation',
    html`<section class="narrow">
      <h1>You are invited to ${host}</h1>
      <p>
        This is a hokku: it runs apps that you push with git. The link works once. Make the token of
        <strong>${email}</strong> now, and keep it as you would a password.
      </p>
      <form method="post" class="stack">
        ${formTokenField(frame.session?.formToken ?? '')}
        <button class="main">Make my token</button>
      </form>
    </section>`,
  )
}

/** Shows the new token, once, and what to do with it. */
export function welcomePage(frame: Frame, email: string, token: string, url: string): string {
  return layout(
    frame,
    'Welcome',
    html`<section class="narrow">
      <h1>Welcome</h1>
      <p>This is the token of <strong>${email}</strong>. It is shown this once:</p>
      ${command(token)}
      <p>On your own machine, with hokku installed, this asks for it and stays open:</p>
      ${command(`npx hokku connect ${url}`)}
      <p>On the machine that hokku runs on, put it into your shell:</p>
      ${command(`export HEROKU_API_KEY=${token}`)}
      <p>The token also opens the <a href="/dashboard">dashboard</a>.</p>
    </section>`,
  )
}
