import { html, type Html, type HtmlValue } from '@hokku/kit/html'
import { page } from '@hokku/kit/pages'

/** What every page needs besides its content. */
export type Frame = Readonly<{
  /** Address of the style sheet's and scripts' folder. */
  assets: string
  /** Who is signed in, and what the forms of the session carry; null before that. */
  session: Readonly<{ email: string; formToken: string }> | null
  now: Date
}>

/** A whole page: the name in the corner, who is signed in, and the content. */
export function layout(frame: Frame, title: string, content: HtmlValue): string {
  return page({
    title: `${title} · hokku`,
    head: html`<link rel="icon" href="${frame.assets}/seal.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${frame.assets}/tokens.css" />
        <link rel="stylesheet" href="${frame.assets}/style.css" />
        <script type="module" src="${frame.assets}/page.js"></script>`,
    body: html`<header class="bar">
          <a class="mark" href="/dashboard"><img src="${frame.assets}/seal.svg" alt="" />hokku</a>
          ${frame.session !== null && signedIn(frame.session)}
        </header>
        <main>${content}</main>`,
  }).text
}

const signedIn = ({ email, formToken }: NonNullable<Frame['session']>): Html => html`
  <nav>
    <a class="who" href="/dashboard/account">${email}</a>
    <form method="post" action="/dashboard/sign-out">
      ${formTokenField(formToken)}<button class="quiet">Sign out</button>
    </form>
  </nav>
`

export const formTokenField = (formToken: string): Html =>
  html`<input type="hidden" name="form_token" value="${formToken}" />`

/** A command to type, with a button that copies it. */
export const command = (text: string): Html => html`
  <div class="command">
    <code>${text}</code><button type="button" class="quiet" data-copy="${text}">Copy</button>
  </div>
`
