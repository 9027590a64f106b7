import { Readable } from 'node:stream'
import { cloudPage, NO_SUCH_DOCUMENT } from './cloud-page.ts'
import { countWords } from './count-words.ts'
import { readForm } from './form.ts'
import { html } from './html.ts'
import { formPage } from './page.ts'
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
    // In the request, while the browser waits: the next stage is there to mend that.
    const counts = await countWords(Readable.from([bytes]))
    await addUpload({ document_name: name, document_slug: slug, s3_key: key, filename }, counts)
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
    const { upload } = await addUpload(FAKE, '{}')
    const result = [{ ...upload, time_uploaded: upload.time_uploaded.toUTCString() }]
    return { type: 'application/json', body: JSON.stringify({ result }) }
  },
  'GET /static/*': (_request, path) => staticFile(path),
})
