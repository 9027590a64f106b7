import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, serveExample } from '../client/testing.ts'
import { Market } from '../mturk/stand-in/market.ts'
import { createStandIn } from '../mturk/stand-in/server.ts'
import { rememberHit } from '../store/hits.ts'
import { findParticipant } from '../store/participants.ts'

/** The stroop example with its dashboard, a scheduler and a marketplace of its own, and Ann logged in. */
export async function openDashboard() {
  const market = new Market()
  const standIn = createStandIn(market)
  await standIn.listen({ host: '127.0.0.1', port: 0 })
  const site = `http://127.0.0.1:${(standIn.server.address() as AddressInfo).port}`
  const example = await serveExample({
    env: {
      PSITURK_ENABLE_DASHBOARD: 'true',
      PSITURK_LOGIN_USERNAME: 'ann',
      PSITURK_LOGIN_PW: PASSWORD,
      PSITURK_SECRET_KEY: 'k',
      PSITURK_DO_SCHEDULER: 'true',
      PSITURK_MTURK_ENDPOINT: site,
      PSITURK_AD_URL: 'https://study.example/pub',
      PSITURK_NUM_CONDS: '3',
      PSITURK_REQUIRE_TOKEN: 'false',
      PSITURK_PROLIFIC_COMPLETION_CODE: 'CODE1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  })
  const { pool, tables } = example.running.server

  const login = (username: string, password: string, next = '/dashboard/hits') =>
    fetch(`${example.url}/dashboard/login`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ username, password, next }),
    })
  const cookie = cookieOf(await login('ann', PASSWORD))

  const ask = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    fetch(`${example.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        cookie,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  /** A HIT of this study at the marketplace. */
  const newHit = async (): Promise<string> => {
    const typeId = market.createType({
      Title: 't',
      Description: 'd',
      Reward: '0.10',
      AssignmentDurationInSeconds: 600,
    })
    const question = '<ExternalQuestion></ExternalQuestion>'
    const hit = market.createHit({ typeId, question, lifetimeSeconds: 3600, max: 3 })
    await rememberHit(pool, tables, hit.id)
    return hit.id
  }

  /** Somebody who took part and submitted, on a HIT of this study. */
  const submit = async (
    worker: string,
    mode = 'sandbox',
  ): Promise<{ uniqueId: string; hitId: string }> => {
    const hitId = await newHit()
    const { id } = market.accept(hitId, worker)
    const ids = new URLSearchParams({ workerId: worker, assignmentId: id, hitId, mode })
    await fetch(`${example.url}/exp?${ids.toString()}`)
    const uniqueId = `${worker}:${id}`
    const data = Array.from({ length: 12 }, (_, i) => ({
      uniqueid: uniqueId,
      current_trial: i,
      dateTime: 1,
      trialdata: { phase: 'TEST', hit: true, rt: 300 + 37 * i },
    }))
    await fetch(`${example.url}/sync/${uniqueId}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        data,
        questiondata: { note: '<script>alert(1)</script>' },
        eventdata: [],
      }),
    })
    await fetch(`${example.url}/compute_bonus?uniqueId=${uniqueId}`)
    await fetch(`${example.url}/worker_complete?uniqueId=${uniqueId}`)
    await fetch(`${example.url}/worker_submitted?uniqueId=${uniqueId}`)
    market.submit(id, '{}')
    return { uniqueId, hitId }
  }

  const status = async (uniqueId: string) => (await findParticipant(pool, tables, uniqueId))?.status

  /** Starts a background job and waits for its end. */
  const runJob = async (name: string) => {
    const { job } = (await (await ask('POST', '/api/jobs', { name })).json()) as { job: string }
    for (;;) {
      const state = (await (await ask('GET', `/api/jobs/${job}`)).json()) as JobState
      if (state.ended) return state
    }
  }

  let browser: Promise<Browser> | undefined
  /** A browser's page where Ann is logged in. */
  const openPage = async (): Promise<Page> => {
    browser ??= openBrowser()
    const page = await (await (await browser).newContext()).newPage()
    await page.goto(`${example.url}/dashboard/`)
    await page.fill('[name=username]', 'ann')
    await page.fill('[name=password]', PASSWORD)
    await page.click('button.primary')
    await page.waitForURL((address) => !address.pathname.includes('login'))
    return page
  }

  const close = async (): Promise<void> => {
    await (await browser)?.close()
    await example.close()
    await standIn.close()
  }
  return {
    url: example.url,
    market,
    cookie,
    login,
    ask,
    newHit,
    submit,
    status,
    runJob,
    openPage,
    close,
  }
}

type JobState = Readonly<{ done: number; total: number; ended: boolean }>

/** With what a page would have to escape. */
export const PASSWORD = 'geheim <b>'

/** The session that an answer begins. */
export const cookieOf = (answer: Response): string =>
  (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
