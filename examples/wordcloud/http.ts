import type { IncomingMessage, ServerResponse } from 'node:http'

/** Something that the client did, and what it is told. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
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

export function sendHtml(response: ServerResponse, status: number, page: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'self'; connect-src *; form-action 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
    })
    .end(page)
}

export const wantsJson = ({ headers }: IncomingMessage): boolean =>
  headers.accept?.includes('application/json') === true && !headers.accept.includes('text/html')

export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) {
    text += (chunk as Buffer).toString()
    if (text.length > 100_000) throw new Refusal(413, 'The body is too long.')
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw new Refusal(400, 'The body must be a JSON object.')
}

/** The address under which the browser sees us. */
export const originOf = ({ headers }: IncomingMessage): string =>
  `${String(headers['x-forwarded-proto'] ?? 'http')}://${headers.host ?? 'localhost'}`
