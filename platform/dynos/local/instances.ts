import { watch as watchFolder, type FSWatcher } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExitStatus } from '../contract.ts'
import type { Grace, InstanceState } from '../engine.ts'
import type { Cgroups } from './cgroups.ts'
import {
  bootId,
  filesOf,
  readExit,
  readRecords,
  readStopping,
  readSupervisor,
  writeStopping,
  type InstanceRecord,
} from './instance-files.ts'
import { processTitle, termTargets } from './process-table.ts'
import { ProcessTrees, type TreeRoot } from './process-trees.ts'

/** An instance and the shell that watches over it. */
type Instance = {
  readonly record: InstanceRecord
  readonly root: TreeRoot
  state: InstanceState
  readonly ended: Promise<InstanceState>
  readonly end: (state: InstanceState) => void
  stopping: Promise<void> | null
  /** We sent SIGKILL: an end without an exit status is no riddle then. */
  killed: boolean
}

export type StartedChild = Readonly<{ record: InstanceRecord; pid: number; ended: Promise<void> }>

/**
 * The instances of this machine: ours, and those that an earlier control plane left running. One watcher
 * on one folder sees every end; a slow sweep finds those without a trace.
 */
export class LocalInstances {
  readonly #folder: string
  readonly #trees: ProcessTrees
  readonly #cgroups: Cgroups
  readonly #instances = new Map<string, Instance>()
  readonly #starting = new Map<string, Promise<void>>()
  readonly #listeners: ((state: InstanceState) => void)[] = []
  readonly #watcher: FSWatcher
  readonly #sweep: NodeJS.Timeout

  /** @param appDepth how far below the shell the app's own processes begin */
  constructor(folder: string, appDepth: number, cgroups: Cgroups) {
    this.#folder = folder
    this.#trees = new ProcessTrees(appDepth, cgroups)
    this.#cgroups = cgroups
    const boot = bootId()
    for (const record of readRecords(folder)) {
      if (record.boot !== null) this.#pickUp(record, boot)
    }
    this.#watcher = watchFolder(join(folder, 'exits'), (_event, name) => this.#check(name))
    this.#watcher.unref()
    this.#sweep = setInterval(() => this.#checkAll(), SWEEP_MS).unref()
    this.#checkAll()
  }

  find(id: string): InstanceRecord | undefined {
    return this.#instances.get(id)?.record
  }

  async list(): Promise<InstanceState[]> {
    await Promise.all(this.#starting.values())
    return [...this.#instances.values()].map((instance) => instance.state)
  }

  watch(listener: (state: InstanceState) => void): void {
    this.#listeners.push(listener)
  }

  /** Starts an instance unless it is known; concurrent calls for one id are one call. */
  async starting(id: string, start: () => Promise<StartedChild>): Promise<void> {
    if (this.#instances.has(id)) return
    const known = this.#starting.get(id)
    if (known !== undefined) return known
    const work = start().then(({ record, pid, ended }) => {
      void this.adoptChild(record, pid, ended)
    })
    this.#starting.set(id, work)
    try {
      await work
    } finally {
      this.#starting.delete(id)
    }
  }

  /** Takes a child of this process in. @returns how its program ends */
  async adoptChild(
    record: InstanceRecord,
    pid: number,
    childEnded: Promise<void>,
  ): Promise<ExitStatus> {
    const instance = this.#add(record, pid, null)
    void childEnded.then(() => this.#settle(instance))
    const state = await instance.ended
    return state.exit ?? LOST
  }

  async stop(id: string, grace: Grace): Promise<ExitStatus | null> {
    await this.#starting.get(id)
    const instance = this.#instances.get(id)
    if (instance === undefined) return null
    if (instance.state.phase === 'running') {
      instance.stopping ??= this.#stop(instance, grace)
      await instance.stopping
    }
    return instance.state.exit
  }

  async kill(id: string): Promise<void> {
    await this.#starting.get(id)
    const instance = this.#instances.get(id)
    if (instance !== undefined) await this.#killUntilGone(instance)
  }

  signal(id: string, signal: NodeJS.Signals): void {
    for (const pid of this.processes(id)) sendSignal(pid, signal)
  }

  /** The app's own processes: neither our shell nor bubblewrap. */
  processes(id: string): number[] {
    const instance = this.#instances.get(id)
    return instance === undefined ? [] : this.#trees.app(instance.root).map(({ pid }) => pid)
  }

  forget(id: string): void {
    if (this.#instances.get(id)?.state.phase !== 'running') this.#instances.delete(id)
  }

  close(): void {
    this.#watcher.close()
    clearInterval(this.#sweep)
    this.#listeners.length = 0
  }

  #pickUp(record: InstanceRecord, boot: string): void {
    const supervisor =
      record.boot === boot ? readSupervisor(filesOf(this.#folder, record.id)) : undefined
    this.#add(record, supervisor?.pid ?? null, supervisor?.start ?? null)
  }

  #add(record: InstanceRecord, pid: number | null, start: string | null): Instance {
    const { promise: ended, resolve: end } = Promise.withResolvers<InstanceState>()
    const { id, appId, name, attached } = record
    const state: InstanceState = { id, appId, name, attached, phase: 'running', exit: null }
    const root = { pid, start, id }
    const instance: Instance = {
      record,
      root,
      state,
      ended,
      end,
      stopping: null,
      killed: false,
    }
    this.#instances.set(id, instance)
    return instance
  }

  #check(id: string | null): void {
    const instance = id === null ? undefined : this.#instances.get(id)
    if (instance !== undefined) this.#settle(instance)
  }

  #checkAll(): void {
    for (const instance of this.#instances.values()) this.#settle(instance)
  }

  /** Reports an instance's end if it has ended. */
  #settle(instance: Instance): void {
    if (instance.state.phase !== 'running') return
    const alive = this.#trees.shell(instance.root) !== undefined
    const written = readExit(filesOf(this.#folder, instance.record.id))
    if (alive && written === undefined) return
    const code = written ?? (instance.killed ? KILLED : undefined)
    const mayLeaveSome = !this.#trees.isSandboxed || written === undefined
    if (mayLeaveSome && instance.record.boot === bootId()) {
      for (const { pid } of this.#trees.leftBehind(instance.root)) sendSignal(pid, 'SIGKILL')
    }
    const oom = this.#cgroups.wasOutOfMemory(instance.record.id)
    const exit = code === undefined ? null : { code, signal: signalOf(code), oom }
    instance.state = { ...instance.state, phase: exit === null ? 'lost' : 'exited', exit }
    instance.end(instance.state)
    for (const listener of this.#listeners) listener(instance.state)
  }

  async #stop(instance: Instance, { graceMs, onGraceOver }: Grace): Promise<void> {
    const files = filesOf(this.#folder, instance.record.id)
    const asked = readStopping(files)
    if (asked === undefined) {
      // Noted before the signal: a control plane that dies in between must not signal twice.
      writeStopping(files, Date.now())
      await this.#untilInside(instance)
      const targets = termTargets(this.#trees.app(instance.root), processTitle)
      for (const pid of targets) sendSignal(pid, 'SIGTERM')
    }
    const left = asked === undefined ? graceMs : Math.max(0, asked + graceMs - Date.now())
    if (await this.#endsWithin(instance, left)) return
    onGraceOver?.()
    await this.#killUntilGone(instance)
  }

  async #killUntilGone(instance: Instance): Promise<void> {
    await this.#untilInside(instance)
    instance.killed = true
    while (instance.state.phase === 'running') {
      for (const { pid } of this.#trees.all(instance.root)) sendSignal(pid, 'SIGKILL')
      await this.#endsWithin(instance, KILL_RETRY_MS)
    }
  }

  /**
   * Waits until the app's own first process is there. Bubblewrap that is killed while it prepares
   * a sandbox leaves half of itself behind.
   */
  async #untilInside(instance: Instance): Promise<void> {
    for (let waited = 0; waited < INSIDE_MS_MAX; waited += INSIDE_LOOK_MS) {
      if (instance.state.phase !== 'running' || this.#trees.app(instance.root).length > 0) return
      await this.#endsWithin(instance, INSIDE_LOOK_MS)
    }
  }

  async #endsWithin(instance: Instance, ms: number): Promise<boolean> {
    const timer = new AbortController()
    try {
      const timeout = sleep(ms, false, { signal: timer.signal }).catch(() => false)
      return await Promise.race([instance.ended.then(() => true), timeout])
    } finally {
      timer.abort()
    }
  }
}

/** How often to look for instances whose shell was killed together with its exit file. */
const SWEEP_MS = 5000
/** Mounts and namespaces take some tens of milliseconds, on a busy machine some hundreds. */
const INSIDE_MS_MAX = 3000
const INSIDE_LOOK_MS = 20
/** Between two rounds of SIGKILL, as forks may slip through one. */
const KILL_RETRY_MS = 200

/** How a shell would put a SIGKILL. */
const KILLED = 128 + constants.signals.SIGKILL

const LOST: ExitStatus = { code: null, signal: null, oom: false }

/** The signal that a shell's exit status stands for, e.g. 143 → SIGTERM. */
function signalOf(code: number): string | null {
  const found = Object.entries(constants.signals).find(([, number]) => number === code - 128)
  return found?.[0] ?? null
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself meanwhile.
  }
}
