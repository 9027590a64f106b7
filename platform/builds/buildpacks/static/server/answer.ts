import send from '@fastify/send'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Site } from './site.ts'

export type Served = Readonly<{ root: string; site: Site }>

/** Answers a request with a file of the site, a redirect, or the error page. */
export async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { root, site }: Served,
): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://site')
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  if (site.httpsOnly && request.headers['x-forwarded-proto'] === 'http') {
    redirect(response, 301, `https://${request.headers.host}${pathname}${search}`)
    return
  }
  const moved = site.redirects.find(({ pattern }) => pattern.test(pathname))?.value
  if (moved !== undefined) {
    redirect(response, moved.status, moved.url)
    return
  }
  for (const path of candidates(pathname, site)) {
    const { statusCode, headers, stream } = await send(request, path, optionsFor(root, site))
    if (statusCode === 404 || statusCode === 403) {
      stream.destroy()
      continue
    }
    response.statusCode = statusCode
    // The site's own settings win, in any case of letters.
    for (const all of [headers, ownHeaders(pathname, site)]) {
      for (const [name, value] of Object.entries(all)) response.setHeader(name, String(value))
    }
    await pipeline(stream, response).catch(() => response.destroy())
    return
  }
  await sendErrorPage(request, response, { root, site })
}

const redirect = (response: ServerResponse, status: number, location: string): void =>
  void response.writeHead(status, { location }).end()

const ownHeaders = (pathname: string, site: Site): Record<string, string> =>
  Object.assign(
    {},
    ...site.headers.filter(({ pattern }) => pattern.test(pathname)).map(({ value }) => value),
  ) as Record<string, string>

/** The path itself, then what `routes` says. Files that only the platform reads are not there. */
function candidates(pathname: string, site: Site): string[] {
  const routed = site.routes.find(({ pattern }) => pattern.test(pathname))?.value
  const fallback = routed === undefined ? [] : [`/${routed.replace(/^\//, '')}`]
  const hidden = site.root === '.' && /^\/(?:static\.json|app\.json|Procfile)$/.test(pathname)
  return hidden ? fallback : [pathname, ...fallback]
}

/** Files whose name starts with a dot, our own among them, are never served. */
const optionsFor = (root: string, site: Site) => ({
  root,
  dotfiles: 'ignore' as const,
  extensions: site.cleanUrls ? ['html'] : (false as const),
})

async function sendErrorPage(
  request: IncomingMessage,
  response: ServerResponse,
  { root, site }: Served,
): Promise<void> {
  if (site.errorPage !== null) {
    const options = { root, dotfiles: 'ignore' as const, acceptRanges: false, etag: false }
    const path = `/${site.errorPage.replace(/^\//, '')}`
    const { statusCode, headers, stream } = await send(request, path, options)
    if (statusCode === 200) {
      response.writeHead(404, headers)
      await pipeline(stream, response).catch(() => response.destroy())
      return
    }
    stream.destroy()
  }
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not Found\n')
}
