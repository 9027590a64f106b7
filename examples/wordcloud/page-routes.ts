import type { IncomingMessage, ServerResponse } from 'node:http'
import * as documents from './documents.ts'
import { described } from './described.ts'
import { flashCookie, flashGone, flashIn } from './flash.ts'
import { checkSameOrigin, originOf, Refusal, sendHtml, sendJson, wantsJson, type Routes } from './http.ts'
import { retry } from './jobs.ts'
import * as pages from './pages.ts'
import { removeVersion } from './remove-version.ts'
import { sendFile } from './static-files.ts'
import { testConnection } from './test-connection.ts'
import { receiveForm } from './upload.ts'
import type { Parts } from './work.ts'

/** What browsers see. */
export function pageRoutes(parts: Parts): Routes {
  const { config, database, store } = parts
  const latest = (): Promise<documents.Version[]> => documents.latest(database)

  /** A page with the message that the last request left for it. */
  const send = (
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    page: (flash: string | undefined) => string,
  ): void => {
    const flash = flashIn(request, config.secret)
    const headers = flash === undefined ? {} : { 'set-cookie': flashGone }
    sendHtml(response, status, page(flash), headers)
  }
  const redirect = (response: ServerResponse, location: string, message: string): void => {
    const cookie = flashCookie(message, config.secret)
    response.writeHead(303, { location, 'set-cookie': cookie }).end()
  }

  return {
    '/': {
      GET: async (request, response) => {
        const versions = await latest()
        send(request, response, 200, (flash) => pages.startPage(config.me, versions, { flash }))
      },
      POST: async (request, response) => {
        const version = await receiveForm(request, parts)
        if (wantsJson(request)) return sendJson(response, 202, described(version, request))
        const made = {
          version,
          address: `${originOf(request)}/wordcloud/${encodeURIComponent(version.slug)}`,
          file: store.publicAddress(version.key) ?? `/api/documents/${version.id}/file`,
        }
        sendHtml(response, 200, pages.startPage(config.me, await latest(), { made }))
      },
    },
    '/wordcloud/:id': {
      GET: async (request, response, { id: slug, url }) => {
        const versions = await documents.versionsOf(database, slug)
        const n = Number(url.searchParams.get('version') ?? versions[0]?.n)
        const version = versions.find((candidate) => candidate.n === n)
        if (version === undefined) return sendHtml(response, 404, pages.notFoundPage())
        send(request, response, 200, (flash) => pages.cloudPage(version, versions, flash))
      },
    },
    '/test_connection': {
      GET: async (_request, response, { url }) => {
        const answer = await testConnection(parts, url.searchParams.has('keep'))
        sendJson(response, answer.isGood ? 200 : 503, answer.content)
      },
    },
    '/failed': {
      GET: async (request, response) => {
        const versions = await documents.failed(database)
        send(request, response, 200, (flash) => pages.failedPage(versions, flash))
      },
    },
    '/api/documents/:id/retry': {
      POST: async (request, response, { id }) => {
        checkSameOrigin(request)
        if (!(await retry(database, id))) {
          throw new Refusal(409, 'Only what was stored and could not be counted can be tried again.')
        }
        redirect(response, '/failed', 'It is in the queue again.')
      },
    },
    '/api/documents/:id/delete': {
      POST: async (request, response, { id }) => {
        checkSameOrigin(request)
        const version = await documents.findVersion(database, id)
        if (version === undefined) throw new Refusal(404, 'There is no such document.')
        await removeVersion(parts, version)
        redirect(response, '/', `Version ${version.n} of "${version.name}" is deleted.`)
      },
    },
    '/static/:id': { GET: (_request, response, { id }) => sendFile(response, id) },
  }
}
