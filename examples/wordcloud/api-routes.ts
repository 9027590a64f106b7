import { pipeline } from 'node:stream/promises'
import type { Changes } from './changes.ts'
import { described, describedWithCounts, isPending } from './described.ts'
import * as documents from './documents.ts'
import { streamEvents, type State } from './events.ts'
import { checkSameOrigin, readJson, Refusal, sendJson, type Routes } from './http.ts'
import { queueVersion } from './jobs.ts'
import { removeVersion } from './remove-version.ts'
import { checkLength, keepContent, signalOfLeaving, tooLarge } from './upload.ts'
import type { Parts } from './work.ts'

/** What programs and the pages' scripts use. */
export function apiRoutes(parts: Parts, changes: Changes, stopping: AbortSignal): Routes {
  const { config, database, store } = parts

  const found = async (id: string): Promise<documents.Version> => {
    const version = await documents.findVersion(database, id)
    if (version === undefined) throw new Refusal(404, 'There is no such document.')
    return version
  }

  return {
    // Large files go from the browser to the store; a dyno has 30 seconds for an answer.
    '/api/documents': {
      POST: async (request, response) => {
        const { name, filename = '', bytes = 0 } = await readJson(request)
        if (typeof name !== 'string') throw new Refusal(400, 'The document needs a name.')
        if (typeof filename !== 'string') throw new Refusal(400, 'filename must be a text.')
        if (typeof bytes !== 'number') throw new Refusal(400, 'bytes must be a number.')
        if (bytes > config.uploadBytesMax) throw tooLarge(config.uploadBytesMax)
        const names = documents.checkNames({ name, filename })
        const made = documents.newKey(config.uploadDirectory, filename)
        const version = await documents.addVersion(database, { ...made, ...names })
        const form = await store.postForm(version.key, config.uploadBytesMax)
        const content = { method: 'PUT', url: `/api/documents/${version.id}/content` }
        const answer = { ...described(version, request), ...(form ? { form } : { content }) }
        sendJson(response, 201, answer)
      },
    },
    '/api/documents/:id': {
      GET: async (request, response, { id }) => {
        const version = await found(id)
        const headers = {
          etag: `"${version.revision}"`,
          'cache-control': 'no-cache',
          ...(isPending(version) && { 'retry-after': '1' }),
        }
        if (request.headers['if-none-match'] === headers.etag) {
          return void response.writeHead(304, headers).end()
        }
        response
          .writeHead(200, { 'content-type': 'application/json', ...headers })
          .end(describedWithCounts(version, request))
      },
      DELETE: async (request, response, { id }) => {
        checkSameOrigin(request)
        await removeVersion(parts, await found(id))
        response.writeHead(204).end()
      },
    },
    '/api/documents/:id/content': {
      PUT: async (request, response, { id }) => {
        checkLength(request, parts)
        const version = await found(id)
        if (version.status !== 'uploading') {
          throw new Refusal(409, 'This upload is over: begin another with POST /api/documents.')
        }
        const kept = await keepContent(request, version, parts, signalOfLeaving(request))
        sendJson(response, 202, described(kept, request))
      },
    },
    '/api/documents/:id/complete': {
      POST: async (request, response, { id }) => {
        const version = await found(id)
        const stored = await store.head(version.key)
        if (stored === undefined) throw new Refusal(409, 'The file has not arrived.')
        await queueVersion(database, id, stored)
        sendJson(response, 202, described(await found(id), request))
      },
    },
    '/api/documents/:id/file': {
      GET: async (request, response, { id }) => {
        const version = await found(id)
        if (version.bytes === null) throw new Refusal(404, 'The file was never stored.')
        const body = await store.get(version.key, stopping)
        response.writeHead(200, {
          'content-type': 'application/octet-stream',
          'content-length': version.bytes,
          'content-disposition': attachment(version.filename || 'document.txt'),
          'x-content-type-options': 'nosniff',
        })
        if (request.method === 'HEAD') return void response.end(() => body.destroy())
        await pipeline(body, response)
      },
    },
    '/api/documents/:id/counts.csv': {
      GET: async (_request, response, { id }) => {
        const { words } = await found(id)
        const lines = (words ?? []).map(([word, count]) => `${csvField(word)},${count}\r\n`)
        response
          .writeHead(200, {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': attachment('counts.csv'),
          })
          .end(`word,count\r\n${lines.join('')}`)
      },
    },
    '/api/documents/:id/events': {
      GET: async (request, response, { id }) => {
        await found(id)
        const read = async (): Promise<State> => {
          const version = await documents.findVersion(database, id)
          if (version === undefined) return GONE
          const { revision, status } = version
          const end = status === 'done' || status === 'failed' ? status : undefined
          return { revision, end, content: described(version, request) }
        }
        streamEvents(request, response, { read, watch: (look) => changes.watch(id, look), stopping })
      },
    },
  }
}

/** A version that was deleted while someone waited for it. */
const GONE: State = {
  revision: Number.MAX_SAFE_INTEGER,
  end: 'failed',
  content: {
    status: 'failed',
    text: 'Failed: it was deleted.',
    error: 'It was deleted.',
    progress: { bytes: 0, total: null },
  },
}

const attachment = (filename: string): string => {
  const name = filename.toWellFormed().slice(-FILENAME_LENGTH_MAX).toWellFormed()
  const escaped = encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
  return `attachment; filename*=UTF-8''${escaped}`
}

/** File systems take no longer ones. */
const FILENAME_LENGTH_MAX = 100

/** Quoted, and not taken for a formula by a spreadsheet. */
const csvField = (word: string): string =>
  `"${/^[=+\-@]/.test(word) ? "'" : ''}${word.replaceAll('"', '""')}"`
