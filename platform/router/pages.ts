import { html, trusted, type Html } from '@hokku/kit/html'
import { inlineStyle, page as shell } from '@hokku/kit/pages'
import { H_CODES, type HCode } from './h-codes.ts'

/** What a visitor sees when the router answers in place of the app. */
export function failurePage(code: HCode, requestId: string): string {
  const { title, text, command } = WORDS[code] ?? APPLICATION_ERROR
  const hint = command === undefined ? null : html`<pre>${command}</pre>`
  return page(title, html`<p>${text}</p>${hint}`, `${code} ${H_CODES[code].desc} · ${requestId}`)
}

/** For a host name that no app has: shows nothing of any app. */
export function unknownHostPage(host: string): string {
  return page(
    'No such app',
    html`<p>There is no app at <b>${host}</b>. If it is yours, check its name and its domains:</p>
      <pre>
heroku apps
heroku domains -a &lt;app&gt;</pre>`,
    '404',
  )
}

/** For a client that was not understood; `reason` is one sentence. */
export const badRequestPage = (reason: string): string =>
  page('Bad request', html`<p>${reason}</p>`, 'H26 Request Error')

/** For a browser that wants the dashboard while the control plane is away. */
export const planeAwayPage = (): string =>
  page(
    'The control plane is not running',
    html`<p>Apps keep running. Try again in a moment. If this error stays, run:</p>
      <pre>hokku status</pre>`,
    '503',
  )

/** The app's own page for this, shown in a frame as Heroku does: the router fetches nothing. */
export const framedPage = (url: string): string =>
  shell({
    title: 'Please wait',
    head: FRAME,
    body: html`<iframe src="${url}" title="Message from the app"></iframe>`,
  }).text

/** A page of the app's choice, if it is an address that a browser may be sent to. */
export function pageUrl(value: string | null): string | null {
  if (value === null || !URL.canParse(value)) return null
  const { protocol, href } = new URL(value)
  return protocol === 'https:' || protocol === 'http:' ? href : null
}

type Words = Readonly<{ title: string; text: string; command?: string }>

const APPLICATION_ERROR: Words = {
  title: 'Application error',
  text: 'The app could not answer this request. If it is yours, its log says why:',
  command: 'heroku logs --tail',
}

const WORDS: Partial<Record<HCode, Words>> = {
  H14: {
    title: 'No web process',
    text: 'The app has no web dyno. If it is yours, start one:',
    command: 'heroku ps:scale web=1',
  },
  H20: {
    title: 'Still starting',
    text: 'The app is slow to start. Please try again in a moment.',
  },
  H80: {
    title: 'Under maintenance',
    text: 'The app is under maintenance and will be back shortly.',
  },
  H81: {
    title: 'Nothing here yet',
    text: 'The app has no code yet. If it is yours:',
    command: 'git push heroku main',
  },
}

const page = (title: string, text: Html, footer: string): string =>
  shell({
    title,
    head: PAGE,
    body: html`<main>
      <h1>${title}</h1>
      ${text}
      <footer>${footer}</footer>
    </main>`,
  }).text

const PAGE = inlineStyle(`
  body { min-height: 100vh; display: grid; place-items: center; }
  main { width: min(34rem, 100vw - 2rem); padding: 2rem; overflow-wrap: anywhere;
    border: 1px solid var(--line); border-radius: .75rem; background: var(--card); }
  h1 { margin: 0 0 .5rem; font-size: 1.4rem; line-height: 1.2; }
  p, pre { margin: 0 0 1rem; }
  pre { padding: .75rem 1rem; border-radius: .5rem; overflow-x: auto; background: var(--well); }
  footer { font-size: .8rem; color: var(--quiet); }
`)

const FRAME = trusted(`<style>
  body { margin: 0; } iframe { border: 0; width: 100vw; height: 100vh; display: block; }
</style>`)
