import type { DiskUse } from '../sandbox/index.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { homeAt, openStore, type Release } from '../store/index.ts'
import type { ExitStatus } from './contract.ts'
import { openDynos } from './dynos.ts'
import type { DynosEffects } from './effects.ts'
import type { AttachedProcess, Engine, InstanceSpec, InstanceState } from './engine.ts'
import { AppFormation, type FormationEffects } from './formation.ts'
import { createInstances } from './instances.ts'
import { openPortLeases } from './port-leases.ts'
import { TIMEOUTS } from './timeouts.ts'

/**
 * An engine without processes: instances are entries of a map, and end when a test says so. `accept`
 * makes a web instance listen; what was done is noted in `calls`, one line each.
 */
export class TestEngine implements Engine {
  readonly name = 'test'
  readonly can = {
    nodes: 'one',
    isolation: true,
    limits: true,
    exec: true,
    survivesPlane: true,
  } as const
  readonly calls: string[] = []
  readonly specs = new Map<string, InstanceSpec>()
  /** Ports that accept connections. */
  readonly accepting = new Set<number>()
  /** Bytes in use, by instance. */
  readonly memory = new Map<string, number>()
  /** Programs that end neither by SIGTERM nor before the grace is over. */
  readonly stubborn = new Set<string>()
  readonly streams = new Map<string, { input: PassThrough; output: PassThrough }>()
  /** Thrown by the next start. */
  failure: Error | undefined
  readonly #states = new Map<string, InstanceState>()
  readonly #attached = new Map<string, (exit: ExitStatus) => void>()
  #listeners: ((state: InstanceState) => void)[] = []

  async prepare(): Promise<void> {}

  async start(spec: InstanceSpec): Promise<void> {
    const { failure } = this
    this.failure = undefined
    if (failure !== undefined) throw failure
    this.#add(spec, false)
  }

  async attach(spec: InstanceSpec): Promise<AttachedProcess> {
    this.#add(spec, true)
    const streams = { input: new PassThrough(), output: new PassThrough() }
    this.streams.set(spec.id, streams)
    const { promise: ended, resolve } = Promise.withResolvers<ExitStatus>()
    this.#attached.set(spec.id, resolve)
    return { ...streams, ended, hangUp: () => this.exit(spec.id, 129) }
  }

  async stop(id: string, grace: { onGraceOver?: () => void }): Promise<ExitStatus | null> {
    if (this.#states.get(id)?.phase !== 'running') return null
    this.calls.push(`stop ${this.nameOf(id)}`)
    if (this.stubborn.has(this.nameOf(id))) grace.onGraceOver?.()
    this.exit(id, 143)
    return EXIT(143)
  }

  async kill(id: string): Promise<void> {
    this.calls.push(`kill ${this.nameOf(id)}`)
    this.exit(id, 137)
  }

  async remove(id: string): Promise<void> {
    this.#states.delete(id)
  }

  async list(): Promise<InstanceState[]> {
    return [...this.#states.values()]
  }

  watch(listener: (state: InstanceState) => void): void {
    this.#listeners.push(listener)
  }

  output(id: string): string {
    return `/output/${id}`
  }

  memoryBytes(ids: readonly string[]): ReadonlyMap<string, number> {
    return new Map(
      ids.flatMap((id) => (this.memory.has(id) ? [[id, this.memory.get(id) ?? 0]] : [])),
    )
  }

  async diskUse(): Promise<DiskUse> {
    return { bytes: 0, files: 0 }
  }

  async listensOn(id: string): Promise<readonly number[]> {
    const port = Number(this.specs.get(id)?.env['PORT'])
    return this.accepting.has(port) ? [port] : []
  }

  async nodes() {
    return [{ name: 'test', healthy: true, notices: [] }]
  }

  close(): void {
    this.#listeners = []
  }

  nameOf(id: string): string {
    return this.specs.get(id)?.name ?? id
  }

  /** A program ends. */
  exit(id: string, code: number, oom = false): void {
    const state = this.#states.get(id)
    if (state?.phase !== 'running') return
    const exit = EXIT(code, oom)
    const ended = { ...state, phase: 'exited', exit } as const
    this.#states.set(id, ended)
    this.#attached.get(id)?.(exit)
    this.streams.get(id)?.output.end()
    for (const listener of this.#listeners) listener(ended)
  }

  /** A web process begins to listen. */
  accept(id: string): void {
    this.accepting.add(Number(this.specs.get(id)?.env['PORT']))
  }

  #add(spec: InstanceSpec, attached: boolean): void {
    const { id, appId, name } = spec
    this.calls.push(`start ${name}`)
    this.specs.set(id, spec)
    this.#states.set(id, { id, appId, name, attached, phase: 'running', exit: null })
  }
}

const EXIT = (code: number, oom = false): ExitStatus => ({
  code,
  signal: code === 143 ? 'SIGTERM' : null,
  oom,
})

/** An app with a real store on a test engine; every wait takes milliseconds. */
function openTestApp(effects: Partial<DynosEffects>) {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'hokku-formation-')))
  const clock = { now: Date.parse('2026-11-20T10:00:00Z') }
  const store = openStore(home, () => new Date(clock.now))
  const owner = store.accounts.create('owner@example.com')
  const app = store.apps.create('demo', owner.id)
  const engine = new TestEngine()
  const lines: string[] = []
  const bugs: unknown[] = []
  const tables: string[][] = []
  const drained: string[] = []
  const timeoutsInUse = {
    ...TIMEOUTS,
    bootMs: 60_000,
    stopMs: 60_000,
    drainMs: 10,
    ...effects.timeouts,
  }
  const ports = effects.ports ?? openPortLeases({ start: 0, bind: () => Promise.resolve(null) })
  const base: DynosEffects = {
    store,
    home,
    engine,
    logs: {
      write: (_appId, source, process, message) => lines.push(`${source}[${process}]: ${message}`),
      follow: () => {},
      unfollow: async () => {},
    },
    endpoints: () => ({}),
    route: async () => {
      const serving = store.dynos.list(app.id).filter((dyno) => dyno.serving)
      tables.push(serving.map(({ name, releaseVersion }) => `${name}@v${releaseVersion}`))
    },
    drain: async (ids) => void drained.push(...ids.map((id) => engine.nameOf(id))),
    certificatesFile: null,
    port: 8080,
    domain: 'localhost',
    ecoIdleMs: 60_000,
    random: () => 0.5,
    untilAccepting: async (port, signal) => {
      while (!signal.aborted && !engine.accepting.has(port)) await sleep(1)
      return signal.aborted ? undefined : '127.0.0.1'
    },
    ...effects,
    timeouts: timeoutsInUse,
    ports,
  }
  const onBug = (error: unknown): void => void bugs.push(error)
  return {
    app,
    base: { ...base, onBug, timeouts: timeoutsInUse, ports },
    bugs,
    clock,
    drained,
    engine,
    home,
    lines,
    store,
    tables,
    /** A succeeded release of a slug with these process types. */
    release: (processTypes: Record<string, string>): Release => {
      const slug = store.slugs.create({ ...SLUG, appId: app.id, processTypes })
      const own = { appId: app.id, accountId: owner.id, slugId: slug.id, config: [] }
      return store.releases.create({ ...RELEASE, ...own })
    },
    scale: (type: string, quantity: number, size = 'Basic') =>
      store.formations.set(app.id, { type, quantity, size, command: '' }),
    /** Newest instance of a dyno's name. */
    idOf: (name: string): string =>
      [...engine.specs.values()].findLast((spec) => spec.name === name)?.id ?? '',
    close: () => {
      store.close()
      rmSync(home.root, { recursive: true, force: true })
    },
  }
}

/** One app's formation, without the rest of `Dynos`. */
export function openTestFormation(given: Partial<DynosEffects> = {}) {
  const { base, ...at } = openTestApp(given)
  const { bugs, engine, store } = at
  const effects: FormationEffects = {
    ...base,
    instances: createInstances(base, base.ports, base.timeouts),
    timeoutsInUse: base.timeouts,
    report: (error) => bugs.push(error),
  }
  const formation = new AppFormation(at.app.id, effects)
  engine.watch((state) => {
    const dyno = store.dynos.find(state.id)
    if (dyno !== undefined && dyno.ordinal !== null) void formation.ended(dyno, state.exit)
  })
  const close = (): void => {
    engine.close()
    formation.close()
    at.close()
  }
  return { ...at, effects, formation, close }
}

/** All of `Dynos`, on a test engine. Clients of `heroku run` connect to its Unix socket. */
export async function openTestDynos(given: Partial<DynosEffects> = {}) {
  const { base, ...at } = openTestApp(given)
  const dynos = await openDynos(base)
  const close = async (): Promise<void> => {
    await dynos.close()
    at.close()
  }
  return { ...at, dynos, close }
}

/** Waits until a condition holds; each look is a turn of the event loop. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    if (holds()) return
    await sleep(1)
  }
  throw new Error(`${what} did not happen`)
}

const TURNS_MAX = 5000

const SLUG = {
  commit: 'c0ffee',
  commitDescription: null,
  buildpackDescription: null,
  checksum: null,
  size: null,
  stack: 'heroku-24',
  manifest: null,
}

const RELEASE = {
  description: 'Deploy c0ffee',
  status: 'succeeded',
  outputSecret: null,
  addonPlans: [],
} as const
