import { request, type Agent } from 'node:http'

/** What one robot participant saw. */
export type Visit = Readonly<{
  uniqueId: string
  condition: string | undefined
  latenciesMs: readonly number[]
  errors: readonly string[]
}>

/** Trials recorded before each of the five saves; the document grows as in a real session. */
const SAVES = [10, 20, 30, 40, 50]

/** Twelve requests of one participant: ad, consent, experiment, load, start, five saves, end, submit. */
export async function participate(base: URL, agent: Agent, number: number): Promise<Visit> {
  const ids = { workerId: `W${number}`, assignmentId: `A${number}`, hitId: 'H1' }
  const uniqueId = `${ids.workerId}:${ids.assignmentId}`
  const query = new URLSearchParams({ ...ids, mode: 'live' }).toString()
  const latenciesMs: number[] = []
  const errors: string[] = []
  const ask = async (
    method: string,
    path: string,
    body?: string,
    type?: string,
  ): Promise<string> => {
    const startedAt = performance.now()
    const answer = await send(base, agent, { method, path, body, type })
    latenciesMs.push(performance.now() - startedAt)
    const isFine =
      answer.status === 200 && !/<b>Error<\/b>|bad request|database error/.test(answer.text)
    if (!isFine)
      errors.push(
        `${method} ${path.split('?')[0] ?? ''}: ${answer.status} ${answer.text.slice(0, 80)}`,
      )
    return answer.text
  }
  const sync = `/sync/${encodeURIComponent(uniqueId)}`
  await ask('GET', `/ad?${query}`)
  await ask('GET', `/consent?${query}`)
  const page = await ask('GET', `/exp?${query}`)
  await ask('GET', sync)
  await ask(
    'POST',
    '/inexp',
    `uniqueId=${encodeURIComponent(uniqueId)}`,
    'application/x-www-form-urlencoded',
  )
  for (const trials of SAVES) {
    // oxlint-disable-next-line no-await-in-loop -- one participant does one thing after the other
    await ask('PUT', sync, documentOf(uniqueId, ids, trials), 'application/json')
  }
  await ask('GET', `/complete?uniqueId=${encodeURIComponent(uniqueId)}&mode=live`)
  await ask('GET', `/worker_submitted?uniqueId=${encodeURIComponent(uniqueId)}`)
  return { uniqueId, condition: /condition = "(\d+)"/.exec(page)?.[1], latenciesMs, errors }
}

/** Whether the last acknowledged save of a participant can be read back. */
export async function isKept(base: URL, agent: Agent, uniqueId: string): Promise<boolean> {
  const path = `/sync/${encodeURIComponent(uniqueId)}`
  const { text } = await send(base, agent, { method: 'GET', path })
  return (
    text.includes(`"currenttrial":${SAVES.at(-1)}`) ||
    text.includes(`"currenttrial": ${SAVES.at(-1)}`)
  )
}

function documentOf(uniqueid: string, ids: Record<string, string>, trials: number): string {
  const data = Array.from({ length: trials }, (_, i) => ({
    uniqueid,
    current_trial: i,
    dateTime: 1_700_000_000_000 + i,
    trialdata: {
      phase: 'TEST',
      word: 'MONKEY',
      color: 'green',
      relation: 'unrelated',
      response: 'green',
      hit: true,
      rt: 512,
    },
  }))
  return JSON.stringify({
    condition: 0,
    counterbalance: 0,
    ...ids,
    currenttrial: trials,
    bonus: 0,
    data,
    questiondata: {},
    eventdata: [],
    useragent: 'robot',
    mode: 'live',
    id: uniqueid,
  })
}

type Ask = Readonly<{
  method: string
  path: string
  body?: string | undefined
  type?: string | undefined
}>

function send(base: URL, agent: Agent, ask: Ask): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ status: 0, text: error.message })
    const headers = {
      'user-agent': CHROME,
      ...(ask.body === undefined
        ? {}
        : { 'content-type': ask.type ?? '', 'content-length': Buffer.byteLength(ask.body) }),
    }
    const outgoing = request(
      {
        host: base.hostname,
        port: base.port,
        path: ask.path,
        method: ask.method,
        agent,
        headers,
        timeout: 60_000,
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        )
        answer.on('error', fail)
      },
    )
    outgoing.on('error', fail)
    outgoing.on('timeout', () => outgoing.destroy(new Error('timeout')))
    outgoing.end(ask.body)
  })
}

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36'
