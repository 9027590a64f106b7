import type { Answer } from './connection.ts'

/** How a robot asks the server something; times and failures are kept by who gives this. */
export type Ask = (method: string, path: string, body?: string, type?: string) => Promise<Answer>

/** What one robot participant saw. */
export type Visit = Readonly<{ uniqueId: string; condition: string | undefined }>

/** Requests of one participant, saves among them. */
export const REQUESTS = 12

/** Trials recorded before each of the five saves; the document grows as in a real session. */
const SAVES = [10, 20, 30, 40, 50]

/**
 * Twelve requests of one participant: ad, consent, experiment, load, start, five saves, end, submit.
 *
 * @param saves what the participant will save, from `savesOf`
 * @param pause waits as long as a participant does between two requests
 */
export async function participate(
  ask: Ask,
  number: number,
  saves: readonly string[],
  pause: () => Promise<void>,
): Promise<Visit> {
  const uniqueId = uniqueIdOf(number)
  const encoded = encodeURIComponent(uniqueId)
  const query = `hitId=H1&assignmentId=A${number}&workerId=W${number}&mode=live`
  await ask('GET', `/ad?${query}`)
  await pause()
  await ask('GET', `/consent?${query}`)
  await pause()
  const { text } = await ask('GET', `/exp?${query}`)
  // The page itself asks for these two.
  await ask('GET', `/sync/${encoded}`)
  await ask('POST', '/inexp', `uniqueId=${encoded}`, 'application/x-www-form-urlencoded')
  for (const document of saves) {
    // oxlint-disable-next-line no-await-in-loop -- one participant does one thing after the other
    await pause()
    // oxlint-disable-next-line no-await-in-loop
    await ask('PUT', `/sync/${encoded}`, document, 'application/json')
  }
  await ask('GET', `/complete?uniqueId=${encoded}&mode=live`)
  await ask('GET', `/worker_submitted?uniqueId=${encoded}`)
  return { uniqueId, condition: /condition = "(\d+)"/.exec(text)?.[1] }
}

/** Whether all trials of a participant's last acknowledged save can be read back. */
export async function isKept(ask: Ask, number: number): Promise<boolean> {
  const { text } = await ask('GET', `/sync/${encodeURIComponent(uniqueIdOf(number))}`)
  const trials = text.match(/"current_trial": ?\d+/g)?.length
  return trials === SAVES.at(-1) && text.includes(`"A${number}"`)
}

const uniqueIdOf = (number: number): string => `W${number}:A${number}`

/** The five documents of a robot, to be made beforehand: the client's time is not what is measured. */
export const savesOf = (number: number): string[] =>
  DOCUMENTS.map((template) => template.replaceAll('#', String(number)))

const DOCUMENTS = SAVES.map((trials) => documentOf('#', trials))

function documentOf(number: string, trials: number): string {
  const uniqueid = `W${number}:A${number}`
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
    workerId: `W${number}`,
    assignmentId: `A${number}`,
    hitId: 'H1',
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
