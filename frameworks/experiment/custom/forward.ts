import { pathOf, type FastifyReply, type FastifyRequest } from '@hokku/kit/http'
import type { PythonAnswer } from '@hokku/kit/python-process'
import { PythonFailure } from '@hokku/kit/python-process'
import { isRecord } from '@hokku/kit/record'
import type { OutgoingHttpHeaders } from 'node:http'
import { BODY_BYTES_MAX } from '../http/limits.ts'
import type { StudyServer } from '../http/study-server.ts'
import { firstOf, UniqueId } from '../participants/identity.ts'
import { plainId } from '../participants/page-id.ts'
import { problem } from '../problems.ts'
import { clearBonusUnderWay, failBonusUnderWay, markBonusUnderWay } from '../store/bonus-marks.ts'
import type { PythonRoute, PythonStudy } from './python-study.ts'

/** Answers requests that `custom.py` has a route for; the routes of this server answer the others. */
export function forwardTo(server: StudyServer, python: PythonStudy) {
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    const route = python.routeOf(request.method, pathOf(request))
    if (route === undefined) return undefined
    const body = withPlainIds(request, await readBody(request))
    const uniqueId = route.setsBonus ? uniqueIdIn(request, body) : undefined
    const answer = await watched(server, route, uniqueId, () =>
      python.ask({
        method: request.method,
        path: pathWithPlainIds(request.url),
        headers: headersFor(server, request),
        body,
      }),
    )
    return reply
      .code(answer.status)
      .headers(headersOf(answer))
      .send(request.method === 'HEAD' ? '' : answer.body)
  }
}

/** Without Python a study's addresses are refused, never answered by something else. */
export function refuseAll(paths: readonly string[]) {
  const own = new Set(paths)
  return async (request: FastifyRequest): Promise<undefined> => {
    if (!own.has(pathOf(request))) return
    throw problem(
      'custom_code_not_run',
      `${pathOf(request)} is answered by custom.py, which this server does not run (without_custom).`,
    )
  }
}

/** The participant is marked until the bonus is stored, and stays so when it is not. */
async function watched(
  { pool, tables, log }: StudyServer,
  { path }: PythonRoute,
  uniqueId: string | undefined,
  ask: () => Promise<PythonAnswer>,
): Promise<PythonAnswer> {
  if (uniqueId !== undefined) {
    const reason = `${path} of custom.py was asked for the bonus and did not finish`
    await markBonusUnderWay(pool, tables, uniqueId, reason)
  }
  try {
    const answer = await ask()
    if (uniqueId === undefined) return answer
    const fault = faultOf(answer)
    if (fault === undefined) await clearBonusUnderWay(pool, tables, uniqueId)
    else await failBonusUnderWay(pool, tables, uniqueId, `${path} of custom.py answered ${fault}`)
    return answer
  } catch (error) {
    if (!(error instanceof PythonFailure)) throw error
    log.error(`custom.py did not answer ${path}: ${error.message}`)
    if (uniqueId !== undefined && error.kind !== 'busy')
      await failBonusUnderWay(pool, tables, uniqueId, `${path} of custom.py: ${error.message}`)
    throw problem('custom_code_failed', `custom.py did not answer ${path}: ${error.message}.`, {
      cause: error,
    })
  }
}

/** @returns what shows that no bonus was computed; undefined if one was */
function faultOf({ status, headers, body }: PythonAnswer): string | undefined {
  if (status >= 400) return String(status)
  if (!headers['content-type']?.includes('json') || body.length > JSON_BYTES_MAX) return undefined
  try {
    const value: unknown = JSON.parse(body.toString())
    const said = isRecord(value) ? value['bonusComputed'] : undefined
    return said === undefined || said === 'success'
      ? undefined
      : `bonusComputed: ${JSON.stringify(said)}`
  } catch {
    return 'broken JSON'
  }
}

const JSON_BYTES_MAX = 100_000

async function readBody(request: FastifyRequest): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request.raw) {
    const part = Buffer.from(chunk)
    chunks.push(part)
    bytes += part.length
    if (bytes > BODY_BYTES_MAX)
      throw problem('body_too_large', `A body for custom.py has at most ${BODY_BYTES_MAX} bytes.`)
  }
  return Buffer.concat(chunks)
}

/** Pages have ids in a form that survives scripts and addresses; `custom.py` gets them as stored. */
function pathWithPlainIds(url: string): string {
  const [path = '', query] = url.split(/\?(.*)/s)
  return query === undefined || !query.includes('~') ? url : `${path}?${plainFields(query)}`
}

function withPlainIds({ headers }: FastifyRequest, body: Buffer): Buffer {
  const isForm = headers['content-type']?.includes('x-www-form-urlencoded') === true
  return isForm && body.includes('~') ? Buffer.from(plainFields(body.toString())) : body
}

const plainFields = (text: string): string =>
  text
    .split('&')
    .map((field) => {
      const [name = '', value = ''] = field.split(/=(.*)/s)
      const id = decodeURIComponent(value.replace(/%(?![\da-f]{2})/gi, '%25'))
      return plainId(id) === id ? field : `${name}=${encodeURIComponent(plainId(id))}`
    })
    .join('&')

/** From the query, a form or a JSON document. */
function uniqueIdIn(request: FastifyRequest, body: Buffer): string | undefined {
  const fields = { ...fieldsOf(request, body), ...firstOf(request.query) }
  return UniqueId.safeParse(fields['uniqueId'] ?? fields['uniqueid']).data
}

function fieldsOf({ headers }: FastifyRequest, body: Buffer): Record<string, unknown> {
  const type = headers['content-type'] ?? ''
  if (body.length === 0) return {}
  if (type.includes('x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(body.toString()))
  try {
    const value: unknown = type.includes('json') ? JSON.parse(body.toString()) : {}
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

/** As the visitor sent them; what belongs to one connection is left out. */
function headersFor({ study }: StudyServer, request: FastifyRequest): OutgoingHttpHeaders {
  const kept = Object.entries(request.headers).filter(
    ([name]) => !OF_CONNECTION.has(name) && !name.startsWith('x-hokku-'),
  )
  const isSecure = study.settings.server.certfile !== ''
  return {
    ...(isSecure ? { 'x-forwarded-proto': 'https' } : {}),
    ...Object.fromEntries(kept),
    'x-hokku-client': request.ip,
  }
}

function headersOf({ headers }: PythonAnswer): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name]) => !OF_CONNECTION.has(name))
  return Object.fromEntries(
    kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

const OF_CONNECTION = new Set(
  'connection keep-alive transfer-encoding upgrade te trailer content-length expect date server'.split(
    ' ',
  ),
)
