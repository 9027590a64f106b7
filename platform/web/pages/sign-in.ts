import { html } from '@hokku/kit/html'
import { command, layout, type Frame } from './layout.ts'

/** Asks for the token. `next` is where to go then, `failure` why the last attempt was in vain. */
export function signInPage(frame: Frame, next: string, failure?: string): string {
  return layout(
    frame,
    'Sign in',
    html`<section class="narrow">
      <h1>Sign in</h1>
      <p>This is the dashboard of your own hokku. Your token opens it; this prints it:</p>
      ${command('npx hokku token')}
      <form method="post" action="/dashboard/sign-in" class="stack">
        <input type="hidden" name="next" value="${next}" />
        <input type="text" name="account" value="hokku" autocomplete="username" hidden />
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          spellcheck="false"
          placeholder="HRKU-…"
        />
        ${failure !== undefined && html`<p class="failure" role="alert">${failure}</p>`}
        <button class="main">Sign in</button>
      </form>
    </section>`,
  )
}
