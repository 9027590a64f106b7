import { type Html, html, trusted } from '@hokku/kit/html'

/** A whole page, right in light and dark and on a phone. */
export function page(title: string, content: readonly Html[]): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        ${content}
      </body>
    </html>`
}

const STYLE = trusted(`
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { margin-bottom: 0; }
  h1 + p { margin-top: 0; opacity: .75; overflow-wrap: anywhere; }
  h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
    border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
  th { width: 16rem; font-weight: 500; opacity: .8; }
  td { font-family: ui-monospace, monospace; font-size: .875rem; overflow-wrap: anywhere; }
  thead th { width: auto; }
  @media (max-width: 40rem) {
    th, td { display: block; width: auto; border: 0; padding: 0; }
    th { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding-top: .35rem; }
    td { padding-bottom: .35rem; }
  }
`)
