import { brokenBy, H_CODES, type HCode } from './h-codes.ts'

/** One request as the app's log shows it. */
export type LoggedRequest = Readonly<{
  method: string
  path: string
  host: string
  requestId: string
  /** The client, after the proxies that it named itself. */
  forwardedFor: string
  /** Null where no dyno was reached. */
  dyno: string | null
  connectMs: number | null
  serviceMs: number | null
  status: number
  bytes: number | null
  /** `TLSv1.3`; null for plain HTTP. */
  tls: string | null
  code: HCode | null
}>

/**
 * Heroku's router line without its prefix; the official CLI colors it by these very words.
 *
 * @example at=info method=GET path="/" host=demo.localhost request_id=… fwd="127.0.0.1" dyno=web.1
 * connect=0ms service=2ms status=200 bytes=12 protocol=http
 */
export function logLine(request: LoggedRequest): string {
  const { code, tls } = request
  return (
    `${leadOf(code)} method=${request.method} path="${quoted(request.path)}"` +
    ` host=${request.host} request_id=${request.requestId} fwd="${quoted(request.forwardedFor)}"` +
    ` dyno=${request.dyno ?? ''} connect=${ms(request.connectMs)} service=${ms(request.serviceMs)}` +
    ` status=${request.status} bytes=${request.bytes ?? ''}` +
    (tls === null ? ' protocol=http' : ` protocol=https tls=true tls_version=${versionOf(tls)}`)
  )
}

function leadOf(code: HCode | null): string {
  if (code === null) return 'at=info'
  const { at, desc } = H_CODES[code]
  const side = brokenBy(code)
  return `${side === undefined ? '' : `sock=${side} `}at=${at} code=${code} desc="${desc}"`
}

const ms = (value: number | null): string => (value === null ? '' : `${Math.round(value)}ms`)

/** Node says `TLSv1.3`, Heroku's line `tls1.3`. */
const versionOf = (tls: string): string => tls.replace('TLSv', 'tls')

/** Client input inside quotes, so that it can end neither the field nor the line. */
const quoted = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\0-\x1f"\x7f]/.test(text)
    ? // oxlint-disable-next-line no-control-regex
      text.replaceAll(/[\0-\x1f"\x7f]/g, (character) => encodeURIComponent(character))
    : text
