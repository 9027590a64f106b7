import { portOf } from '@hokku/kit/port-of'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, serveExample } from '../client/testing.ts'
import { Market } from '../mturk/stand-in/market.ts'
import { createStandIn } from '../mturk/stand-in/server.ts'
import { rememberHit } from '../store/hits.ts'
import type { StudyServer } from '../http/study-server.ts'
import { findParticipant } from '../store/participants.ts'

/** The stroop example with its dashboard, a scheduler and its own marketplace, and Ann logged in. */
export async function openDashboard(): Promise<DashboardTrial> {
  const market = new Market()
  const standIn = createStandIn(market)
  await standIn.listen({ host: '127.0.0.1', port: 0 })
  const site = `http://127.0.0.1:${portOf(standIn.server)}`
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
  const trial = new DashboardTrial({ example, market, standIn })
  trial.cookie = cookieOf(await trial.login('ann', PASSWORD))
  return trial
}

type Parts = Readonly<{
  example: Awaited<ReturnType<typeof serveExample>>
  market: Market
  standIn: ReturnType<typeof createStandIn>
}>

/** What tests do with a dashboard, by HTTP and in a browser. */
export class DashboardTrial {
  readonly url: string
  readonly market: Market
  /** Ann's session. */
  cookie = ''
  readonly #parts: Parts
  #browser: Promise<Browser> | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.url = parts.example.url
    this.market = parts.market
  }

  login(username: string, password: string, next = '/dashboard/hits'): Promise<Response> {
    return fetch(`${this.url}/dashboard/login`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ username, password, next }),
    })
  }

  /** A request with Ann's session; a body goes as JSON. */
  ask(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    return fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { cookie: this.cookie, ...json, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  /** A HIT of this study at the marketplace. */
  async newHit(): Promise<string> {
    const typeId = this.market.createType({
      Title: 't',
      Description: 'd',
      Reward: '0.10',
      AssignmentDurationInSeconds: 600,
    })
    const question = '<ExternalQuestion></ExternalQuestion>'
    const hit = this.market.createHit({ typeId, question, lifetimeSeconds: 3600, max: 3 })
    const { pool, tables } = this.#parts.example.running.server
    await rememberHit(pool, tables, hit.id)
    return hit.id
  }

  /** Someone who took part and submitted, on a HIT of this study. */
  async submit(
    worker: string,
    mode = 'sandbox',
  ): Promise<Readonly<{ uniqueId: string; hitId: string }>> {
    const hitId = await this.newHit()
    const { id } = this.market.accept(hitId, worker)
    const ids = new URLSearchParams({ workerId: worker, assignmentId: id, hitId, mode })
    await fetch(`${this.url}/exp?${ids.toString()}`)
    const uniqueId = `${worker}:${id}`
    await fetch(`${this.url}/sync/${uniqueId}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(documentOf(uniqueId)),
    })
    await fetch(`${this.url}/compute_bonus?uniqueId=${uniqueId}`)
    await fetch(`${this.url}/worker_complete?uniqueId=${uniqueId}`)
    await fetch(`${this.url}/worker_submitted?uniqueId=${uniqueId}`)
    this.market.submit(id, '{}')
    return { uniqueId, hitId }
  }

  get server(): StudyServer {
    return this.#parts.example.running.server
  }

  async status(uniqueId: string): Promise<number | undefined> {
    const { pool, tables } = this.#parts.example.running.server
    return (await findParticipant(pool, tables, uniqueId))?.status
  }

  /** Starts a background job and waits for its end. */
  async runJob(name: string): Promise<JobState> {
    const started = await this.ask('POST', '/api/jobs', { name })
    const { job } = (await started.json()) as { job: string }
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- until it has ended
      const state = (await (await this.ask('GET', `/api/jobs/${job}`)).json()) as JobState
      if (state.ended) return state
    }
  }

  /** A browser's page where Ann is logged in. */
  async openPage(): Promise<Page> {
    this.#browser ??= openBrowser()
    const page = await (await (await this.#browser).newContext()).newPage()
    await page.goto(`${this.url}/dashboard/`)
    await page.fill('[name=username]', 'ann')
    await page.fill('[name=password]', PASSWORD)
    await page.click('button.primary')
    await page.waitForURL((address) => !address.pathname.includes('login'))
    return page
  }

  async close(): Promise<void> {
    await (await this.#browser)?.close()
    await this.#parts.example.close()
    await this.#parts.standIn.close()
  }
}

/** What a participant's page saves after twelve trials. */
const documentOf = (uniqueId: string): object => ({
  data: Array.from({ length: 12 }, (_, i) => ({
    uniqueid: uniqueId,
    current_trial: i,
    dateTime: 1,
    trialdata: { phase: 'TEST', hit: true, rt: 300 + 37 * i },
  })),
  questiondata: { note: '<script>alert(1)</script>' },
  eventdata: [],
})

type JobState = Readonly<{ done: number; total: number; ended: boolean }>

/** With what a page would have to escape. */
export const PASSWORD = 'geheim <b>'

/** The session that an answer begins. */
export const cookieOf = (answer: Response): string =>
  (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
