import type { IncomingMessage, ServerResponse } from 'node:http'

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  at: Readonly<{ id: string; url: URL }>,
) => Promise<void> | void

/** By pattern, then by method. */
export type Routes = Readonly<Record<string, Readonly<Record<string, Handler>>>>

/** A mistake of the client, and the answer to it. */
export class Refusal extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  content: unknown,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers })
    .end(JSON.stringify(content))
}

export function sendHtml(
  response: ServerResponse,
  status: number,
  page: string,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      ...headers,
    })
    .end(page)
}

/** Uploads go to a bucket at its own address; words are drawn with their sizes as styles. */
const POLICY = [
  "default-src 'self'",
  'connect-src *',
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "object-src 'none'",
  "img-src 'self' data: blob:",
  "style-src 'self' 'unsafe-inline'",
].join('; ')

export const wantsJson = ({ headers }: IncomingMessage): boolean =>
  headers.accept?.includes('application/json') === true && !headers.accept.includes('text/html')

export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > JSON_BYTES_MAX) throw new Refusal(413, 'The body is too long.')
    chunks.push(chunk)
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString())
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Reported below.
  }
  throw new Refusal(400, 'The body must be a JSON object.')
}

const JSON_BYTES_MAX = 200_000

/** The address under which the browser sees us. */
export function originOf({ headers }: IncomingMessage): string {
  const isHttps = /^https\b/.test(String(headers['x-forwarded-proto'] ?? ''))
  return `${isHttps ? 'https' : 'http'}://${headers.host ?? 'localhost'}`
}

/** Other people's pages may not press our buttons. Programs, which say nothing of this, may. */
export function checkSameOrigin(request: IncomingMessage): void {
  const { origin } = request.headers
  if (origin === undefined || URL.parse(origin)?.host === request.headers.host) return
  throw new Refusal(403, 'This was asked from a page of another site.')
}
