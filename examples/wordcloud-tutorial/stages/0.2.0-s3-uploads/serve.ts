import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Refusal } from './form.ts'
import { errorPage } from './page.ts'

export type Answer = Readonly<{
  status?: number
  type?: string
  body: string | Buffer
  headers?: Readonly<Record<string, string>>
}>
export type Routes = Readonly<Record<string, (request: IncomingMessage, rest: string) => Promise<Answer> | Answer>>

/** Serves `METHOD /path` and `METHOD /path/*`, on $PORT. */
export function serve(routes: Routes): void {
  const table = new Map(Object.entries(routes))
  const server = createServer((request, response) => void answer(table, request, response))
  server.listen(Number(process.env['PORT'] || 5000))
}

async function answer(
  routes: ReadonlyMap<string, Routes[string]>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status = 200, type = 'text/html', body, headers } = await found(routes, request).catch(refused)
  // A browser that still sends would never come to read this.
  if (!request.complete) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, ...headers }).end(body)
}

async function found(routes: ReadonlyMap<string, Routes[string]>, request: IncomingMessage): Promise<Answer> {
  const path = URL.parse(`http://localhost${request.url ?? '/'}`)?.pathname ?? '/'
  const exact = routes.get(`${request.method} ${path}`)
  if (exact !== undefined) return await exact(request, '')
  const [, start = '', rest = ''] = /^(\/[^/]+\/)(.+)$/.exec(path) ?? []
  const handler = routes.get(`${request.method} ${start}*`)
  if (handler === undefined) throw new Refusal(404, 'There is no such page.')
  return await handler(request, rest)
}

function refused(error: unknown): Answer {
  if (error instanceof Refusal) return { status: error.status, body: errorPage(error.message) }
  console.error(error)
  return { status: 503, body: errorPage('Something does not answer; the log says what.') }
}
