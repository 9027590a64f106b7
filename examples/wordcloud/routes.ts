import type { IncomingMessage, ServerResponse } from 'node:http'
import { apiRoutes } from './api-routes.ts'
import type { Changes } from './changes.ts'
import { Refusal, sendHtml, sendJson, wantsJson, type Routes } from './http.ts'
import { pageRoutes } from './page-routes.ts'
import { errorPage } from './pages.ts'
import type { Parts } from './work.ts'

export function createRoutes(parts: Parts, changes: Changes, stopping: AbortSignal) {
  const routes = new Map(
    Object.entries({ ...pageRoutes(parts), ...apiRoutes(parts, changes, stopping) }),
  )
  return (request: IncomingMessage, response: ServerResponse): void => {
    void answer(routes, request, response)
  }
}

async function answer(
  routes: ReadonlyMap<string, Routes[string]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = URL.parse(`http://localhost${request.url ?? '/'}`)
    if (url === null) throw new Refusal(400, 'The address is not valid.')
    const { pattern, id } = split(url.pathname)
    const methods = routes.get(pattern)
    if (methods === undefined) throw new Refusal(404, 'There is no such page.')
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '')
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
    if (handler === undefined) {
      const allow = Object.keys(methods).join(', ')
      throw new Refusal(405, `This address answers ${allow} only.`, { allow })
    }
    await handler(request, response, { id, url })
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error)
    refuse(request, response, error)
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const { status, message, headers } =
    error instanceof Refusal
      ? error
      : new Refusal(503, 'Something does not answer: /test_connection says what.')
  if (response.headersSent) return void response.destroy()
  // A client that keeps sending would never come to read this.
  const all = request.complete ? headers : { ...headers, connection: 'close' }
  if (wantsJson(request) || request.url?.startsWith('/api/') === true) {
    sendJson(response, status, { error: message }, all)
  } else {
    sendHtml(response, status, errorPage(message), all)
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
