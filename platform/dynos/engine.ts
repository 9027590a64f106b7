import type { Readable, Writable } from 'node:stream'
import type { DiskUse } from '../sandbox/index.ts'
import type { Slug } from '../store/index.ts'
import type { ExitStatus } from './contract.ts'

/** What a dyno may use of its machine. */
export type InstanceLimits = Readonly<{
  /** Above this the log says so (R14); at `memoryKillMb` the engine ends it (R15). */
  memoryMb: number
  memoryKillMb: number
  /** 1 = the share of the smallest size. */
  cpuShares: number
  processes: number
  /** Its private `/app` and `/tmp`; above it the log says so (R30), far above it is ended (R31). */
  diskMb: number
  filesMax: number
}>

/** One process tree that should exist: one start of one dyno. */
export type InstanceSpec = Readonly<{
  id: string
  appId: string
  /** Dyno name, e.g. `web.1`: host name of the instance and label for people. */
  name: string
  slug: Slug
  /** Shell command line; `.profile.d/*.sh` and `.profile` of the slug run before it. */
  command: string
  /** Whole environment. Never written to disk or a command line by the engine. */
  env: Readonly<Record<string, string>>
  limits: InstanceLimits
  /** Where output is appended instead of the instance's own file. */
  outputFile?: string
}>

export type InstanceState = Readonly<{
  id: string
  appId: string
  name: string
  /** `lost`: gone, and how is not known, e.g. in a power cut. */
  phase: 'running' | 'exited' | 'lost'
  /** Attached to a client of a control plane: dies with either. */
  attached: boolean
  exit: ExitStatus | null
}>

/** A terminal, or plain pipes, to a program of an instance. */
export type AttachedProcess = Readonly<{
  /** Ending it closes the program's standard input; a terminal has its own way (0x04). */
  input: Writable
  /** Standard output and error as one; ends with the program. */
  output: Readable
  /** The client is gone: SIGHUP to the program. */
  hangUp: () => void
  /** Resolves when the program has ended, perhaps before all of its output was read. */
  ended: Promise<ExitStatus>
}>

export type TerminalSize = Readonly<{ columns: number; rows: number }>

export type NodeState = Readonly<{ name: string; healthy: boolean; notices: readonly string[] }>

/**
 * Runs instances somewhere. Knows nothing of formations, health, ports or releases: those are
 * decided once, above all engines. Outlives the control plane: what `list` says is the truth.
 */
export type Engine = Readonly<{
  name: string
  can: Readonly<{
    nodes: 'one' | 'many'
    isolation: boolean
    limits: boolean
    exec: boolean
    survivesPlane: boolean
  }>
  /** Makes a slug ready to start, so that starting is quick. Idempotent. */
  prepare: (slug: Slug) => Promise<void>
  /** Idempotent by id: an instance that runs or has run is not started again. */
  start: (spec: InstanceSpec) => Promise<void>
  /** Starts an instance with its standard streams in our hands. */
  attach: (spec: InstanceSpec, terminal: TerminalSize | null) => Promise<AttachedProcess>
  /**
   * SIGTERM to every process exactly once, however often and by whom this is called;
   * SIGKILL after the grace.
   *
   * @returns how it ended, once it is gone; null if that is not known
   */
  stop: (id: string, grace: Grace) => Promise<ExitStatus | null>
  /** SIGKILL at once. Resolves when the instance is gone. */
  kill: (id: string) => Promise<void>
  /** Forgets an instance that has ended, and its files. */
  remove: (id: string) => Promise<void>
  list: () => Promise<InstanceState[]>
  /** Calls back for instances that ended, each at least once. */
  watch: (listener: (state: InstanceState) => void) => void
  /** The file to which an instance's output is appended. */
  output: (id: string) => string
  /** Memory in use now, by instance; those that are gone are left out. */
  memoryBytes: (ids: readonly string[]) => ReadonlyMap<string, number>
  /** What its own `/app` and `/tmp` hold, files that are deleted and still open included. */
  diskUse: (id: string) => Promise<DiskUse>
  /** Where the instance listens: TCP ports on loopback or any address. */
  listensOn: (id: string) => Promise<readonly number[]>
  nodes: () => Promise<readonly NodeState[]>
  /** Lets go of everything and stops nothing. */
  close: () => void
}>

export type Grace = Readonly<{ graceMs: number; onGraceOver?: () => void }>
