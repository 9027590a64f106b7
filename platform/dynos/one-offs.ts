import { randomUUID } from 'node:crypto'
import type { DynoRecord } from '../store/index.ts'
import type { ExitStatus, OneOffRequest } from './contract.ts'
import type { FormationEffects } from './formation.ts'
import { NEW_DYNO } from './new-dyno.ts'
import { expandCommand, oneOffName } from './one-off-command.ts'
import type { Rendezvous } from './rendezvous/rendezvous.ts'
import { hasProcess } from './routed.ts'
import { greetClient, join } from './rendezvous/session.ts'
import { DEFAULT_SIZE } from './sizes.ts'

export type OneOffEffects = FormationEffects & Readonly<{ rendezvous: Pick<Rendezvous, 'expect'> }>

/** Dynos that run one command and end: `heroku run`, the release phase, `postdeploy`. */
export class OneOffs {
  readonly #effects: OneOffEffects
  readonly #exits = new Map<string, PromiseWithResolvers<ExitStatus>>()
  /** One-offs that wait for their client. */
  readonly #waiting = new Map<string, () => void>()
  readonly #sessions = new Set<Promise<void>>()
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(effects: OneOffEffects) {
    this.#effects = effects
  }

  async run(request: OneOffRequest): Promise<{ dyno: DynoRecord; exit: Promise<ExitStatus> }> {
    const record = this.#record(request)
    const exit = this.#expect(record.id)
    try {
      return { dyno: await this.#start(record, request), exit }
    } catch (error) {
      // The record was made first; without a port or a process it must not stay.
      await this.#end(record, null)
      throw error
    }
  }

  async #start(record: DynoRecord, request: OneOffRequest): Promise<DynoRecord> {
    const { store, instances } = this.#effects
    const dyno = await instances.lease(record)
    if (dyno === undefined) throw new Error('the one-off was removed before it started')
    if (request.attach !== null) return this.#expectClient(dyno, request)
    const spec = instances.specOf(dyno, request.env, request.outputFile)
    instances.say(dyno, 'State changed from down to starting')
    await instances.start(dyno, spec)
    this.#isUp(dyno)
    this.#watchDeadline(dyno)
    return store.dynos.find(dyno.id) ?? dyno
  }

  /** How a one-off ends or has ended; undefined if it is not known. */
  exitOf(dynoName: string, appId: string): Promise<ExitStatus> | undefined {
    const dyno = this.#effects.store.dynos
      .list(appId)
      .findLast(({ name, ordinal }) => name === dynoName && ordinal === null)
    if (dyno === undefined) return undefined
    if (dyno.state !== 'complete') return this.#expect(dyno.id)
    return Promise.resolve(exitOfRecord(dyno))
  }

  /**
   * Whether a dyno is still of interest. One that has ended is not, unless its release still waits
   * to hear how its release phase ended, as after the death of a control plane.
   */
  isShown = ({ type, state, releaseId }: DynoRecord): boolean =>
    state !== 'complete' ||
    (type === 'release' && this.#effects.store.releases.get(releaseId).status === 'pending')

  running(appId: string): DynoRecord[] {
    const { store } = this.#effects
    return store.dynos.list(appId).filter((dyno) => dyno.ordinal === null && hasProcess(dyno))
  }

  async stop(dyno: DynoRecord): Promise<void> {
    const forget = this.#waiting.get(dyno.id)
    if (forget !== undefined) return forget()
    // No event will follow for a dyno without a process.
    if ((await this.#effects.instances.stop(dyno)) === null) await this.#end(dyno, null)
  }

  /** The engine says that a one-off has ended. */
  async ended(dyno: DynoRecord, exit: ExitStatus | null): Promise<void> {
    // An attached one ends with its session, which has the last of its output.
    if (!dyno.attached) await this.#end(dyno, exit)
  }

  /** An earlier control plane's one-off that is no more. */
  async lost(dyno: DynoRecord, exit: ExitStatus | null): Promise<void> {
    await this.#end(dyno, exit)
  }

  /** Watches a one-off that an earlier control plane started. */
  resume(dyno: DynoRecord): void {
    this.#watchDeadline(dyno)
  }

  /** Ends what is attached, as no client could attach to it again, and lets go of the rest. */
  async close(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    for (const forget of this.#waiting.values()) forget()
    await Promise.all(this.#sessions)
  }

  #record(request: OneOffRequest): DynoRecord {
    const { store, random = Math.random } = this.#effects
    const { app, release, attach } = request
    const slug = release.slugId === null ? undefined : store.slugs.find(release.slugId)
    const { command, type } = expandCommand(request.command, slug?.processTypes ?? {})
    const taken = new Set(store.dynos.list(app.id).map(({ name }) => name))
    const ofType = type === null ? undefined : store.formations.find(app.id, type)?.size
    const deadline =
      request.timeoutMs === undefined
        ? null
        : new Date(Date.parse(store.now()) + request.timeoutMs).toISOString()
    return store.dynos.create({
      ...NEW_DYNO,
      ordinal: null,
      id: randomUUID(),
      appId: app.id,
      name: oneOffName(request.kind, taken, random()),
      type: request.kind,
      command,
      size: request.size ?? ofType ?? DEFAULT_SIZE,
      releaseId: release.id,
      releaseVersion: release.version,
      attached: attach !== null,
      deadline,
    })
  }

  #expectClient(dyno: DynoRecord, request: OneOffRequest): DynoRecord {
    const { store, instances, rendezvous, timeoutsInUse, domain, port, report } = this.#effects
    const { secret, client, forget } = rendezvous.expect(timeoutsInUse.attachMs)
    this.#waiting.set(dyno.id, forget)
    const attachUrl = `rendezvous://${domain}:${port}/${secret}`
    instances.say(dyno, 'State changed from down to starting')
    instances.say(dyno, 'Awaiting client')
    const session = async (): Promise<void> => {
      const socket = await client
      this.#waiting.delete(dyno.id)
      if (socket !== null) return await this.#serve(dyno, request, socket)
      instances.say(dyno, 'Error R13 (Attach error) -> Failed to attach to process')
      await this.#end(dyno, null)
    }
    const running = session()
      .catch(async (error: unknown) => {
        report(error)
        await this.#end(dyno, null)
      })
      .finally(() => this.#sessions.delete(running))
    this.#sessions.add(running)
    return store.dynos.update(dyno.id, { attachUrl }) ?? dyno
  }

  async #serve(
    dyno: DynoRecord,
    request: OneOffRequest,
    client: Parameters<typeof greetClient>[0],
  ): Promise<void> {
    const { engine, instances, timeoutsInUse } = this.#effects
    const terminal = request.attach?.tty ?? null
    instances.say(dyno, `Starting process with command \`${dyno.command}\``)
    try {
      const [program] = await Promise.all([
        engine.attach(instances.specOf(dyno, request.env), terminal),
        greetClient(client),
      ])
      instances.say(dyno, 'Client connected')
      this.#isUp(dyno)
      this.#watchDeadline(dyno)
      if ((await join(client, program, terminal !== null)) === 'left') {
        program.hangUp()
        await this.#endWithin(dyno, program.ended, timeoutsInUse.hangUpMs)
      }
      await this.#end(dyno, await program.ended)
    } finally {
      client.destroy()
    }
  }

  async #endWithin(dyno: DynoRecord, ended: Promise<unknown>, ms: number): Promise<void> {
    const { engine, instances } = this.#effects
    const timer = setTimeout(() => {
      instances.say(
        dyno,
        'Error R16 (Detached) -> An attached process is not responding to SIGHUP after its external connection was closed',
      )
      void engine.kill(dyno.id)
    }, ms)
    await ended
    clearTimeout(timer)
  }

  #isUp(dyno: DynoRecord): void {
    const { store, instances } = this.#effects
    if (store.dynos.find(dyno.id)?.state !== 'starting') return
    store.dynos.update(dyno.id, { state: 'up' })
    instances.say(dyno, 'State changed from starting to up')
  }

  #watchDeadline(dyno: DynoRecord): void {
    if (dyno.deadline === null) return
    const { store, instances, report } = this.#effects
    const left = Math.max(0, Date.parse(dyno.deadline) - Date.parse(store.now()))
    const timer = setTimeout(() => {
      instances.say(dyno, 'Timed out')
      void this.stop(dyno).catch(report)
    }, left).unref()
    this.#timers.set(dyno.id, timer)
  }

  async #end(dyno: DynoRecord, exit: ExitStatus | null): Promise<void> {
    const { store, instances } = this.#effects
    clearTimeout(this.#timers.get(dyno.id))
    const before = store.dynos.find(dyno.id)
    if (before === undefined || before.state === 'complete') return
    await instances.clear(before, exit)
    instances.say(dyno, `State changed from ${before.state} to complete`)
    const status = exit ?? LOST
    store.dynos.update(dyno.id, {
      state: 'complete',
      port: null,
      attachUrl: null,
      exitCode: status.code,
      exitSignal: status.signal,
      exitOom: status.oom,
    })
    this.#exits.get(dyno.id)?.resolve(status)
    this.#exits.delete(dyno.id)
  }

  #expect(id: string): Promise<ExitStatus> {
    const known = this.#exits.get(id) ?? Promise.withResolvers<ExitStatus>()
    this.#exits.set(id, known)
    return known.promise
  }
}

const LOST: ExitStatus = { code: null, signal: null, oom: false }

const exitOfRecord = (dyno: DynoRecord): ExitStatus => ({
  code: dyno.exitCode,
  signal: dyno.exitSignal,
  oom: dyno.exitOom ?? false,
})
