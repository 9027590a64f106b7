import { hostOf } from './host.ts'
import { LIMITS } from './limits.ts'

/** What `node:http` read: header names and values alternate in `rawHeaders`. */
export type RawRequest = Readonly<{
  method?: string | undefined
  url?: string | undefined
  httpVersion: string
  rawHeaders: readonly string[]
}>

/** What only the connection knows. */
export type Arrival = Readonly<{
  /** Address of the other end. */
  address: string
  secure: boolean
  /** Port the client came to. */
  port: number
}>

export type RequestHead = Readonly<{
  method: string
  path: string
  host: string
  requestId: string
  /** The client's address after those that it forwards for. */
  forwardedFor: string
  body: 'none' | 'length' | 'chunked'
  expectsContinue: boolean
  /** The head as the app gets it, up to and including the empty line. */
  text: string
}>

/** A request that is not forwarded: why, and the answer for the client. */
export type RefusedRequest = Readonly<{ status: number; reason: string }>

/**
 * The head that continues to the app: the client's headers in their order, without those of the
 * connection, with what a router adds. `node:http` has checked the syntax; what decides where a
 * request ends is checked again, because a mistake there lets one client speak for another.
 *
 * @param atMs arrival, epoch milliseconds
 * @param upgrade whether the connection is to be handed over to the app (WebSocket)
 */
export function requestHead(
  request: RawRequest,
  arrival: Arrival,
  atMs: number,
  newId: () => string,
  upgrade = false,
): RequestHead | RefusedRequest {
  const fields = readFields(request.rawHeaders)
  const { url = '/', method = 'GET' } = request
  const target = targetOf(url)
  const refusal = refusalOf(url, fields, target)
  if (refusal !== undefined) return refusal
  const host = target.host ?? hostOf(fields.host ?? '')
  if (host === undefined) return refused(400, 'The Host header is missing or is not a host name.')
  const requestId = REQUEST_ID.test(fields.requestId) ? fields.requestId : newId()
  const client = arrival.address.startsWith('::ffff:') ? arrival.address.slice(7) : arrival.address
  const forwardedFor = fields.forwardedFor === '' ? client : `${fields.forwardedFor}, ${client}`
  const body = fields.chunked ? 'chunked' : fields.length === undefined ? 'none' : 'length'
  const text =
    `${method} ${target.path} HTTP/1.1\r\n${fields.kept}` +
    (fields.host === undefined ? `Host: ${host}\r\n` : '') +
    (body === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '') +
    (upgrade ? `Connection: Upgrade\r\nUpgrade: ${fields.upgrade}\r\n` : '') +
    `X-Request-Id: ${requestId}\r\nX-Forwarded-For: ${forwardedFor}\r\n` +
    `X-Forwarded-Proto: ${arrival.secure ? 'https' : 'http'}\r\n` +
    `X-Forwarded-Port: ${arrival.port}\r\nX-Request-Start: ${atMs}\r\n` +
    `Via: ${fields.via === '' ? '' : `${fields.via}, `}${request.httpVersion} hokku\r\n\r\n`
  const expectsContinue = fields.expect !== undefined
  return { method, path: target.path, host, requestId, forwardedFor, body, expectsContinue, text }
}

/** Client ids are kept when they look like ids, so that one id can be followed through services. */
const REQUEST_ID = /^[\dA-Za-z-]{20,200}$/

const refused = (status: number, reason: string): RefusedRequest => ({ status, reason })

/** Origin form as it is; of the absolute form, which clients of proxies send, host and path. */
function targetOf(url: string): { path: string; host: string | undefined } {
  if (url.startsWith('/') || url === '*') return { path: url, host: undefined }
  const absolute = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(url)
  const [, host = '', path = ''] = absolute ?? []
  return { path: path.startsWith('/') ? path : `/${path}`, host: hostOf(host) ?? '' }
}

function refusalOf(
  url: string,
  fields: Fields,
  target: { host: string | undefined },
): RefusedRequest | undefined {
  if (url.length > LIMITS.lineBytesMax) return refused(414, 'The address is too long.')
  if (target.host === '') return refused(400, 'The request target is not an address.')
  if (fields.tooLong) return refused(431, 'A header is too long.')
  if (fields.twice !== undefined) return refused(400, `There are two ${fields.twice} headers.`)
  if (fields.chunked && fields.length !== undefined) {
    return refused(400, 'There are both a Content-Length and a Transfer-Encoding header.')
  }
  if (fields.length !== undefined && !/^\d{1,15}$/.test(fields.length)) {
    return refused(400, 'The Content-Length is not a number.')
  }
  if (fields.coding !== undefined && fields.coding.toLowerCase() !== 'chunked') {
    return refused(501, 'Only the transfer coding "chunked" is understood.')
  }
  if (fields.expect !== undefined && fields.expect.toLowerCase() !== '100-continue') {
    return refused(417, 'Only "100-continue" can be expected.')
  }
  return undefined
}

type Fields = {
  /** Lines that continue as they came. */
  kept: string
  host: string | undefined
  length: string | undefined
  coding: string | undefined
  chunked: boolean
  expect: string | undefined
  upgrade: string
  requestId: string
  forwardedFor: string
  via: string
  twice: string | undefined
  tooLong: boolean
}

function readFields(raw: readonly string[]): Fields {
  const fields: Fields = {
    kept: '',
    host: undefined,
    length: undefined,
    coding: undefined,
    chunked: false,
    expect: undefined,
    upgrade: '',
    requestId: '',
    forwardedFor: '',
    via: '',
    twice: undefined,
    tooLong: false,
  }
  const dropped = connectionOptions(raw)
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const value = raw[i + 1] ?? ''
    if (name.length + value.length > LIMITS.lineBytesMax) fields.tooLong = true
    if (keepField(fields, name.toLowerCase(), value, dropped))
      fields.kept += `${name}: ${value}\r\n`
  }
  return fields
}

/** Notes what a field means to the router; returns whether it continues as it came. */
function keepField(
  fields: Fields,
  name: string,
  value: string,
  dropped: ReadonlySet<string> | undefined,
): boolean {
  switch (name) {
    case 'host':
      if (fields.host !== undefined) fields.twice = 'Host'
      fields.host = value
      return true
    case 'content-length':
      if (fields.length !== undefined) fields.twice = 'Content-Length'
      fields.length = value
      return true
    case 'transfer-encoding':
      if (fields.coding !== undefined) fields.twice = 'Transfer-Encoding'
      fields.coding = value
      fields.chunked = true
      return false
    case 'expect':
      fields.expect = value
      return true
    case 'upgrade':
      fields.upgrade = value
      return false
    case 'te':
      return value.toLowerCase() === 'trailers'
    case 'x-request-id':
      fields.requestId = value
      return false
    case 'x-forwarded-for':
      fields.forwardedFor += (fields.forwardedFor === '' ? '' : ', ') + value
      return false
    case 'via':
      fields.via += (fields.via === '' ? '' : ', ') + value
      return false
    default:
      return !(DROPPED.has(name) || isDisguise(name) || dropped?.has(name) === true)
  }
}

/** Of the connection, ours to set, or (`proxy`) mistaken by CGI programs for HTTP_PROXY. */
const DROPPED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy',
  'http2-settings',
  // A client could say where links of the app should lead.
  'forwarded',
  'x-forwarded-host',
  'x-forwarded-prefix',
  'x-forwarded-server',
  'x-forwarded-ssl',
  'x-original-url',
  'x-rewrite-url',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-request-start',
])

/** `X_Forwarded_Proto`, `Content_Length`: to WSGI and Rack the same names as those that count. */
const isDisguise = (name: string): boolean =>
  name.includes('_') &&
  /^(x.forwarded.|x.request.|content.length$|transfer.encoding$|x.original.|x.rewrite.)/.test(name)

/** Headers that the client names as meant for the next hop only; almost always none. */
function connectionOptions(raw: readonly string[]): ReadonlySet<string> | undefined {
  let options: Set<string> | undefined
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue
    const value = (raw[i + 1] ?? '').toLowerCase()
    if (value === 'keep-alive' || value === 'close' || value === 'upgrade') continue
    options ??= new Set()
    for (const option of value.split(',')) options.add(option.trim())
  }
  return options
}
