import { parseXml, childrenOf, type XmlObject } from './xml.ts'
import { s3Problem } from './problems.ts'

export type CorsRule = Readonly<{
  origins: readonly string[]
  methods: readonly string[]
  headers: readonly string[]
  exposed: readonly string[]
  maxAgeS: number | undefined
}>

/**
 * What holds until the bucket's owner says otherwise: any page may use an address that was signed
 * for it. Signatures are the protection here; no browser sends its own credentials along.
 */
export const DEFAULT_CORS: readonly CorsRule[] = [
  {
    origins: ['*'],
    methods: ['GET', 'HEAD', 'PUT', 'POST'],
    headers: ['*'],
    exposed: ['etag', 'x-amz-request-id', 'content-range'],
    maxAgeS: 3000,
  },
]

/** @throws Problem `malformed_xml` */
export function parseCors(text: string): CorsRule[] {
  const root = parseXml(text)
  const rules = childrenOf(root, 'CORSRule').map((rule) => {
    const all = (name: string): string[] => childrenOf(rule, name).map((item) => item.text.trim())
    const maxAge = all('MaxAgeSeconds')[0]
    return {
      origins: all('AllowedOrigin'),
      methods: all('AllowedMethod'),
      headers: all('AllowedHeader').map((header) => header.toLowerCase()),
      exposed: all('ExposeHeader'),
      maxAgeS: maxAge === undefined ? undefined : Number(maxAge),
    }
  })
  const isValid = rules.every(
    ({ origins, methods, maxAgeS }) =>
      origins.length > 0 &&
      methods.length > 0 &&
      methods.every((method) => METHODS.has(method)) &&
      (maxAgeS === undefined || Number.isInteger(maxAgeS)),
  )
  if (root.name !== 'CORSConfiguration' || rules.length === 0 || rules.length > 100 || !isValid) {
    throw s3Problem('malformed_xml', 'This is not a valid CORSConfiguration.')
  }
  return rules
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'POST', 'DELETE'])

export const corsXml = (rules: readonly CorsRule[]): XmlObject => ({
  CORSRule: rules.map((rule) => ({
    AllowedHeader: rule.headers,
    AllowedMethod: rule.methods,
    AllowedOrigin: rule.origins,
    ExposeHeader: rule.exposed,
    MaxAgeSeconds: rule.maxAgeS,
  })),
})

export type CorsQuestion = Readonly<{
  origin: string
  method: string
  /** Lower-case names a preflight asks for. */
  headers: readonly string[]
}>

/** Headers that let a page of that origin do this; undefined if it may not. */
export function allowedBy(
  rules: readonly CorsRule[],
  { origin, method, headers }: CorsQuestion,
): Record<string, string> | undefined {
  const rule = rules.find(
    (candidate) =>
      candidate.methods.includes(method) &&
      candidate.origins.some((pattern) => matches(pattern, origin)) &&
      headers.every((header) => candidate.headers.some((pattern) => matches(pattern, header))),
  )
  if (rule === undefined) return undefined
  return {
    'access-control-allow-origin': rule.origins.includes('*') ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    ...(headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
    ...(rule.exposed.length > 0 && { 'access-control-expose-headers': rule.exposed.join(', ') }),
    ...(rule.maxAgeS !== undefined && { 'access-control-max-age': String(rule.maxAgeS) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}

/** Patterns have one `*` at most, as at Amazon. */
function matches(pattern: string, text: string): boolean {
  const at = pattern.indexOf('*')
  if (at < 0) return pattern === text
  const [start, end] = [pattern.slice(0, at), pattern.slice(at + 1)]
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end)
}
