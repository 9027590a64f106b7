import type { Html } from '@hokku/kit/html'
import { inlineStyle, page as pageOf } from '@hokku/kit/pages'

/** A whole page, right in light and dark and on a phone. */
export const page = (title: string, content: readonly Html[]): Html =>
  pageOf({ title, head: STYLE, body: content })

const STYLE = inlineStyle(`
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { margin-bottom: 0; }
  h1 + p { margin-top: 0; color: var(--quiet); overflow-wrap: anywhere; }
  h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
    border-top: 1px solid var(--line); }
  th { width: 16rem; font-weight: 500; color: var(--quiet); }
  td { font-family: var(--mono); font-size: .875rem; overflow-wrap: anywhere; }
  thead th { width: auto; }
  @media (max-width: 40rem) {
    th, td { display: block; width: auto; border: 0; padding: 0; }
    th { border-top: 1px solid var(--line); padding-top: .35rem; }
    td { padding-bottom: .35rem; }
  }
`)
