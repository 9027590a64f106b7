import { cloudPage, NO_SUCH_DOCUMENT } from './cloud-page.ts'
import { readForm } from './form.ts'
import { html } from './html.ts'
import { formPage } from './page.ts'
import { publish } from './queue.ts'
import { serve } from './serve.ts'
import { sessionCookie, uploadsIn } from './session.ts'
import { addressOf } from './slug.ts'
import { staticFile } from './static-files.ts'
import { store } from './store.ts'
import { addUpload, FAKE, findUpload } from './uploads.ts'

serve({
  'GET /': (request) => ({ body: formPage(uploadsIn(request)) }),
  'POST /': async (request) => {
    const { name, filename, bytes } = await readForm(request)
    const { key, address } = await store(bytes, filename)
    const slug = addressOf(name, key)
    const names = { document_name: name, document_slug: slug, filename }
    const { time } = await addUpload({ ...names, s3_key: key }, null)
    await publish({ document_slug: slug, time_uploaded: time, s3_key: key })
    const uploads = uploadsIn(request) + 1
    const cloud = `http://${request.headers.host}/wordcloud/${encodeURIComponent(slug)}`
    const banner = html`"${name}" uploaded to S3 as <a href="${address}">${address}</a><br />
      Check out your word cloud at <a href="${cloud}">${cloud}</a>!`
    return { body: formPage(uploads, banner), headers: { 'set-cookie': sessionCookie(uploads) } }
  },
  'GET /wordcloud/*': async (_request, slug) => {
    const upload = await findUpload(decodeURIComponent(slug))
    if (upload === undefined) return { status: 404, body: cloudPage('Error', NO_SUCH_DOCUMENT) }
    return { body: cloudPage(upload.document_name, upload.word_counts ?? {}) }
  },
  'GET /test_connection': async () => {
    const { upload } = await addUpload(FAKE, null)
    const { word_counts: _, ...shown } = upload
    const result = { ...shown, time_uploaded: upload.time_uploaded.toUTCString() }
    return { type: 'application/json', body: JSON.stringify({ result }) }
  },
  'GET /static/*': (_request, path) => staticFile(path),
})
