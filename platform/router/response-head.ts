/** How the end of a body shows. */
export type Framing =
  | Readonly<{ kind: 'none' | 'chunked' | 'to-close' }>
  | Readonly<{ kind: 'length'; bytes: number }>

export type ResponseHead = Readonly<{
  status: number
  statusText: string
  /** Names and values alternate; without those of the connection. */
  headers: readonly string[]
  framing: Framing
  /** Whether the connection can take another request, and how long it stays open, if the server says. */
  reusable: boolean
  keepAliveMs: number | undefined
  /** The protocol that the server changes to. */
  upgrade: string | undefined
}>

/**
 * Reads status line and headers of an app's answer.
 *
 * @param text without the empty line at its end
 * @returns what is wrong, where it is not HTTP/1.x
 */
export function readResponseHead(text: string, method: string): ResponseHead | string {
  const lines = text.split('\r\n')
  const [, minor, digits, statusText = ''] = STATUS_LINE.exec(lines[0] ?? '') ?? []
  if (digits === undefined) return 'the status line is not HTTP'
  const status = Number(digits)
  const fields = readFields(lines)
  if (typeof fields === 'string') return fields
  const framing = framingOf(fields, status, method)
  if (typeof framing === 'string') return framing
  const reusable = minor === '1' && !fields.closes && framing.kind !== 'to-close'
  return {
    status,
    statusText,
    headers: fields.kept,
    framing,
    reusable,
    keepAliveMs: fields.keepAliveMs,
    upgrade: fields.upgrade,
  }
}

/** Trailer fields of a chunked answer; what would change the message itself is left out. */
export function readTrailers(text: string): string[] | string {
  const fields = readFields(['', ...text.split('\r\n')])
  if (typeof fields === 'string') return fields
  const { kept } = fields
  return kept.filter((_, i) => !/^(content-|set-cookie$|host$)/i.test(kept[i - (i % 2)] ?? ''))
}

// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([^\0-\x08\x0a-\x1f\x7f]*))?$/

type Fields = {
  kept: string[]
  length: string | undefined
  coding: string | undefined
  closes: boolean
  keepAliveMs: number | undefined
  upgrade: string | undefined
}

/** @param lines the first one is skipped */
function readFields(lines: readonly string[]): Fields | string {
  const kept: string[] = []
  const fields: Fields = {
    kept,
    length: undefined,
    coding: undefined,
    closes: false,
    keepAliveMs: undefined,
    upgrade: undefined,
  }
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    if (colon < 1 || !TOKEN.test(name) || CONTROL.test(value)) return 'a header is not well formed'
    const wrong = keepField(fields, name, value)
    if (wrong !== undefined) return wrong
  }
  return fields
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/

function keepField(fields: Fields, name: string, value: string): string | undefined {
  switch (name.toLowerCase()) {
    case 'connection':
      fields.closes ||= /\bclose\b/i.test(value)
      return
    case 'keep-alive': {
      const seconds = /\btimeout=(\d{1,6})\b/i.exec(value)?.[1]
      if (seconds !== undefined) fields.keepAliveMs = Number(seconds) * 1000
      return
    }
    case 'content-length':
      if (!/^\d{1,15}$/.test(value)) return 'the Content-Length is not a number'
      if (fields.length !== undefined) {
        return fields.length === value ? undefined : 'there are two Content-Lengths'
      }
      fields.length = value
      break
    case 'transfer-encoding':
      if (fields.coding !== undefined) return 'there are two Transfer-Encodings'
      fields.coding = value.toLowerCase()
      return
    case 'upgrade':
      fields.upgrade = value
      return
    case 'proxy-connection':
      return
  }
  fields.kept.push(name, value)
}

/** RFC 9112, 6.3, but an answer with two lengths is refused rather than guessed at. */
function framingOf({ length, coding }: Fields, status: number, method: string): Framing | string {
  if (coding !== undefined && coding !== 'chunked') return 'the transfer coding is not "chunked"'
  if (coding !== undefined && length !== undefined) return 'there are two lengths'
  // Bytes of another protocol follow, until either side ends them.
  if (status === 101) return TO_CLOSE
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return NO_BODY
  if (coding !== undefined) return CHUNKED
  return length === undefined ? TO_CLOSE : { kind: 'length', bytes: Number(length) }
}

const NO_BODY: Framing = { kind: 'none' }
const CHUNKED: Framing = { kind: 'chunked' }
const TO_CLOSE: Framing = { kind: 'to-close' }
