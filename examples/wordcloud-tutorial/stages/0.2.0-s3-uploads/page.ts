import { hostname } from 'node:os'
import { html, type Markup } from './html.ts'

const me = process.env['ME'] || hostname()

export const page = (title: string, body: Markup): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
      </head>
      <body style="font-family: sans-serif; overflow-wrap: anywhere">${body}</body>
    </html>`.text

export const formPage = (uploads: number, banner?: Markup): string =>
  page(
    'Upload',
    html`<h1>Hello from ${me}!</h1>
      ${banner && html`<p role="status">${banner}</p>`}
      <form method="post" action="/" enctype="multipart/form-data">
        <p><label>Name of the document <input name="document-name" required /></label></p>
        <p><label>Text file <input type="file" name="input-file" required /></label></p>
        <p><button>Upload</button></p>
      </form>
      <p>You have uploaded ${uploads} ${uploads === 1 ? 'file' : 'files'}.</p>`,
  )

export const errorPage = (message: string): string =>
  page('Error', html`<h1>That did not work.</h1><p>${message}</p>`)
