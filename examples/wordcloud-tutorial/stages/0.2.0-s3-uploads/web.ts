import { readForm } from './form.ts'
import { html } from './html.ts'
import { formPage } from './page.ts'
import { serve } from './serve.ts'
import { sessionCookie, uploadsIn } from './session.ts'
import { store } from './store.ts'

serve({
  'GET /': (request) => ({ body: formPage(uploadsIn(request)) }),
  'POST /': async (request) => {
    const { name, filename, bytes } = await readForm(request)
    const { address } = await store(bytes, filename)
    const uploads = uploadsIn(request) + 1
    const banner = html`"${name}" uploaded to S3 as <a href="${address}">${address}</a>`
    return { body: formPage(uploads, banner), headers: { 'set-cookie': sessionCookie(uploads) } }
  },
})
