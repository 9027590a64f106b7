import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Changes } from './changes.ts'
import * as documents from './documents.ts'
import { streamEvents } from './events.ts'
import { originOf, readJson, Refusal, sendHtml, sendJson, wantsJson } from './http.ts'
import * as pages from './pages.ts'
import { testConnection } from './test-connection.ts'
import { checkLength, keepContent, receiveForm } from './upload.ts'
import type { Parts } from './work.ts'

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  at: Readonly<{ id: string; url: URL }>,
) => Promise<void> | void

export function createRoutes(parts: Parts, changes: Changes) {
  const { config, database, store } = parts

  const found = async (id: string): Promise<documents.Version> => {
    const version = await documents.findVersion(database, id)
    if (version === undefined) throw new Refusal(404, 'There is no such document.')
    return version
  }

  const routes: Readonly<Record<string, Handler>> = {
    'GET /': async (_request, response) => {
      sendHtml(response, 200, pages.startPage(config.me, await latest()))
    },
    'POST /': async (request, response) => {
      const version = await receiveForm(request, parts)
      const address = `${originOf(request)}/wordcloud/${encodeURIComponent(version.slug)}`
      if (wantsJson(request)) return sendJson(response, 202, described(version, request))
      const page = pages.startPage(config.me, await latest(), { version, address })
      sendHtml(response, 200, page)
    },
    'GET /wordcloud/:id': async (_request, response, { id: slug, url }) => {
      const versions = await documents.versionsOf(database, slug)
      const n = Number(url.searchParams.get('version') ?? versions[0]?.n)
      const version = versions.find((candidate) => candidate.n === n)
      if (version === undefined) return sendHtml(response, 404, pages.notFoundPage())
      sendHtml(response, 200, pages.cloudPage(version, versions))
    },
    'GET /test_connection': async (_request, response, { url }) => {
      const answer = await testConnection(parts, url.searchParams.has('keep'))
      sendJson(response, answer.isGood ? 200 : 503, answer.content)
    },
    'GET /failed': async (_request, response) => {
      sendHtml(response, 200, pages.failedPage(await documents.failed(database)))
    },
    // Large files go from the browser to the store; a dyno has 30 seconds for an answer.
    'POST /api/documents': async (request, response) => {
      const body = await readJson(request)
      const [name, filename] = [body['name'], body['filename']].map((value) =>
        typeof value === 'string' ? value : '',
      )
      if (!name?.trim()) throw new Refusal(400, 'The document needs a name.')
      if (Number(body['bytes'] ?? 0) > config.uploadBytesMax) {
        throw new Refusal(413, `A file may have ${config.uploadBytesMax} bytes at most.`)
      }
      const keyPrefix = config.uploadDirectory
      const upload = { name, filename: filename ?? '', keyPrefix }
      const version = await documents.addVersion(database, upload)
      const form = await store.postForm(version.key, config.uploadBytesMax)
      const content = { method: 'PUT', url: `/api/documents/${version.id}/content` }
      const answer = { ...described(version, request), ...(form ? { form } : { content }) }
      sendJson(response, 201, answer)
    },
    'PUT /api/documents/:id/content': async (request, response, { id }) => {
      checkLength(request, parts)
      const version = await found(id)
      if (version.status !== 'uploading') throw new Refusal(409, 'This has its content already.')
      const gone = new AbortController()
      request.on('close', () => (request.complete ? undefined : gone.abort(new Error('gone'))))
      const kept = await keepContent(request, version, parts, gone.signal)
      sendJson(response, 202, described(kept, request))
    },
    'POST /api/documents/:id/complete': async (request, response, { id }) => {
      const version = await found(id)
      const stored = await store.head(version.key)
      if (stored === undefined) throw new Refusal(409, 'The file has not arrived.')
      await documents.queueVersion(database, id, stored)
      sendJson(response, 202, described(await found(id), request))
    },
    'POST /api/documents/:id/retry': async (_request, response, { id }) => {
      await documents.retry(database, id)
      response.writeHead(303, { location: '/failed' }).end()
    },
    'GET /api/documents/:id': async (request, response, { id }) => {
      const version = await found(id)
      const etag = `"${version.revision}"`
      if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end()
      const headers: Record<string, string> = pages.isPending(version)
        ? { etag, 'retry-after': '1' }
        : { etag }
      // JSON.stringify would lose a word that is called `__proto__`, so counts are written by hand.
      const counts = version.words === null ? 'null' : documents.jsonOfCounts(version.words)
      const rest = JSON.stringify(described(version, request))
      response
        .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
        .end(`${rest.slice(0, -1)},"counts":${counts}}`)
    },
    'GET /api/documents/:id/counts.csv': async (_request, response, { id }) => {
      const { words } = await found(id)
      const lines = (words ?? []).map(([word, count]) => `${csvField(word)},${count}\r\n`)
      response
        .writeHead(200, {
          'content-type': 'text/csv; charset=utf-8',
          'content-disposition': 'attachment; filename="counts.csv"',
        })
        .end(`word,count\r\n${lines.join('')}`)
    },
    'GET /api/documents/:id/events': async (request, response, { id }) => {
      await found(id)
      const read = async () => {
        const version = await documents.findVersion(database, id)
        return version && { version, content: described(version, request) }
      }
      streamEvents(request, response, read, (look) => changes.watch(id, look))
    },
    'GET /static/:id': (_request, response, { id }) => sendFile(response, id),
  }
  const latest = () => documents.latest(database)

  return (request: IncomingMessage, response: ServerResponse): void => {
    void answer(routes, request, response)
  }
}

async function answer(
  routes: Readonly<Record<string, Handler>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = URL.parse(request.url ?? '/', 'http://localhost')
    if (url === null) throw new Refusal(400, 'The address is not valid.')
    const { pattern, id } = split(url.pathname)
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const handler = routes[`${method} ${pattern}`]
    if (handler === undefined) throw new Refusal(404, 'There is no such page.')
    await handler(request, response, { id, url })
  } catch (error) {
    const refusal =
      error instanceof Refusal ? error : new Refusal(503, 'Something does not answer: see /test_connection')
    if (!(error instanceof Refusal)) console.error(error)
    if (response.headersSent) return void response.destroy()
    if (!request.complete) response.setHeader('connection', 'close')
    if (wantsJson(request) || request.url?.startsWith('/api/') === true) {
      return sendJson(response, refusal.status, { error: refusal.message })
    }
    response.writeHead(refusal.status, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(`${refusal.message}\n`)
  }
}

/** `/api/documents/7/events` → the pattern `/api/documents/:id/events` and `7`. */
function split(path: string): { pattern: string; id: string } {
  const match = /^(\/api\/documents|\/wordcloud|\/static)\/([^/]+)(\/[\w.]+)?$/.exec(path)
  if (match === null) return { pattern: path, id: '' }
  const [, start = '', id = '', end = ''] = match
  try {
    return { pattern: `${start}/:id${end}`, id: decodeURIComponent(id) }
  } catch {
    throw new Refusal(400, 'The address is not percent-encoded UTF-8.')
  }
}

const described = (version: documents.Version, request: IncomingMessage) => ({
  id: version.id,
  name: version.name,
  slug: version.slug,
  version: version.n,
  status: version.status,
  text: pages.statusLine(version),
  progress: { bytes: version.doneBytes, total: version.bytes },
  attempt: version.attempt,
  error: version.error,
  totalWords: version.totalWords,
  distinctWords: version.distinctWords,
  approximate: version.approximate,
  secondsQueued: seconds(version.queuedAt, version.startedAt),
  secondsCounting: seconds(version.startedAt, version.countedAt),
  links: {
    self: `/api/documents/${version.id}`,
    events: `/api/documents/${version.id}/events`,
    cloud: `${originOf(request)}/wordcloud/${encodeURIComponent(version.slug)}?version=${version.n}`,
  },
})

const seconds = (from: Date | null, to: Date | null): number | null =>
  from === null || to === null ? null : (to.getTime() - from.getTime()) / 1000

/** Quoted, and not taken for a formula by a spreadsheet. */
const csvField = (word: string): string =>
  `"${/^[=+\-@]/.test(word) ? "'" : ''}${word.replaceAll('"', '""')}"`

const require = createRequire(import.meta.url)
const FILES: Readonly<Record<string, readonly [path: string, type: string]>> = {
  'style.css': [join(import.meta.dirname, 'static/style.css'), 'text/css'],
  'upload.js': [join(import.meta.dirname, 'static/upload.js'), 'text/javascript'],
  'document.js': [join(import.meta.dirname, 'static/document.js'), 'text/javascript'],
  'd3.layout.cloud.js': [require.resolve('d3-cloud/build/d3.layout.cloud.js'), 'text/javascript'],
}

function sendFile(response: ServerResponse, name: string): void {
  const [path, type] = FILES[name] ?? []
  if (path === undefined || type === undefined) throw new Refusal(404, 'There is no such file.')
  response.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=300' })
  createReadStream(path).pipe(response)
}
