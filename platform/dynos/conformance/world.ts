import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Slug } from '../../store/index.ts'
import type { ExitStatus } from '../contract.ts'
import type { Engine, InstanceSpec, InstanceState } from '../engine.ts'

/** What an engine's own tests give to the suite; the rest of it is the same for all engines. */
export type EngineSubject = Readonly<{
  /** Opens the engine on what `open` of an earlier call left behind. */
  open: () => Promise<Engine>
  /** A slug with these files, after `script` has run in it as a build would, at its final path. */
  makeSlug: (files: Readonly<Record<string, string>>, script?: string) => Promise<Slug>
  /** Whether apps are different users, so that files can be kept from each other. */
  ownUsers: boolean
  /** A file of the platform that no app may read. */
  secretFile: string
  /** Program and arguments that open the engine in another process; see `client.ts`. */
  client: (request: ClientRequest) => string[]
  remove: () => Promise<void>
}>

/** What another process does with the engine before it is killed. */
export type ClientRequest = Readonly<{
  do: 'start' | 'stop' | 'attach'
  id: string
  command: string
  slugId: string
}>

export type EngineWorld = EngineSubject &
  Readonly<{
    engine: Engine
    /** A spec for a new instance that runs `command` in an empty slug. */
    spec: (command: string, more?: Partial<InstanceSpec>) => InstanceSpec
    /** Starts an instance and waits for its end. */
    run: (
      command: string,
      more?: Partial<InstanceSpec>,
    ) => Promise<{ exit: ExitStatus | null; output: string; id: string }>
    output: (id: string) => string
    /** Waits until an instance's output matches. */
    outputs: (id: string, pattern: RegExp) => Promise<RegExpExecArray>
    ended: (id: string) => Promise<InstanceState>
    reopen: () => Promise<Engine>
    close: () => Promise<void>
  }>

export const APP = 'c0000000-0000-4000-8000-000000000001'
export const OTHER_APP = 'c0000000-0000-4000-8000-000000000002'

export const LIMITS = {
  memoryMb: 256,
  memoryKillMb: 256,
  cpuShares: 1,
  processes: 64,
  diskMb: 1024,
  filesMax: 100_000,
}

export async function openEngineWorld(subject: EngineSubject): Promise<EngineWorld> {
  const empty = await subject.makeSlug({})
  const ends = new Map<string, InstanceState>()
  const started = new Set<string>()
  const open = async (): Promise<Engine> => {
    const opened = await subject.open()
    opened.watch((state) => ends.set(state.id, state))
    return opened
  }
  let engine = await open()
  const output = (id: string): string => readFileSync(engine.output(id), 'latin1')
  const ended = (id: string): Promise<InstanceState> =>
    until(`the end of ${id}`, async () => {
      const listed = (await engine.list()).find((state) => state.id === id)
      return ends.get(id) ?? (listed?.phase === 'running' ? undefined : listed)
    })
  const spec: EngineWorld['spec'] = (command, more = {}) => {
    const id = more.id ?? randomUUID()
    started.add(id)
    return { appId: APP, name: 'web.1', slug: empty, command, env: {}, limits: LIMITS, ...more, id }
  }
  return {
    ...subject,
    get engine() {
      return engine
    },
    spec,
    output,
    ended,
    outputs: async (id, pattern) =>
      await until(`${pattern} in the output`, async () => pattern.exec(output(id)) ?? undefined),
    async run(command, more) {
      const wanted = spec(command, more)
      await engine.start(wanted)
      const { exit } = await ended(wanted.id)
      return { exit, output: output(wanted.id), id: wanted.id }
    },
    async reopen() {
      engine.close()
      engine = await open()
      return engine
    },
    async close() {
      for (const id of started) {
        await engine.kill(id)
        await engine.remove(id)
      }
      engine.close()
      await subject.remove()
    },
  }
}

/** Programs of `fixtures/`, as files of a slug. */
export const fixtures = (...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.map((name) => [name, readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')]),
  )

/** Asks until there is an answer. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + WAIT_MS_MAX; Date.now() < end; await sleep(20)) {
    const answer = await ask()
    if (answer !== undefined) return answer
  }
  throw new Error(`${what} did not come`)
}

/** Generous, as tests share the machine. */
const WAIT_MS_MAX = 20_000
