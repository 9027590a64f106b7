import type { DeployOutcome, ExitStatus } from '../releases/index.ts'
import type { App, Release } from '../store/index.ts'

export type { DeployOutcome, ExitStatus } from '../releases/index.ts'

export type DynoState = 'starting' | 'up' | 'idle' | 'crashed' | 'stopping' | 'down' | 'complete'

/** One dyno as the API shows it. */
export type Dyno = Readonly<{
  id: string
  appId: string
  /** `web.1`, `run.4711`, `release.8812`. */
  name: string
  type: string
  command: string
  /** Canonical size name. */
  size: string
  state: DynoState
  /** When it came into this state, and why, e.g. `Process exited with status 1`. */
  stateSince: string
  stateReason: string | null
  release: Readonly<{ id: string; version: number }>
  /** One-off with a terminal waiting for its client: `rendezvous://host:port/secret`. */
  attachUrl: string | null
  createdAt: string
  updatedAt: string
}>

export type OneOffRequest = Readonly<{
  app: App
  release: Release
  /** `run`, `release`, `postdeploy`, … : the name becomes `<kind>.<4 digits>`. */
  kind: string
  /** A shell command line; a first word equal to a process type runs that type (ruling 22). */
  command: string
  /** Canonical size, or null: that of the process type, else the default. */
  size: string | null
  env: Readonly<Record<string, string>>
  /** Attach by rendezvous: with a terminal of this size, or without one. Null = detached. */
  attach: Readonly<{ tty: Readonly<{ columns: number; rows: number }> | null }> | null
  /** File that keeps the output, e.g. of a release phase; otherwise only the log has it. */
  outputFile?: string
  timeoutMs?: number
}>

/** Runs the dynos of all apps, above an engine. Survives the death of the control plane. */
export type Dynos = Readonly<{
  /**
   * Swaps an app to `release`: web first, healthy, switch, drain, stop, then the other types.
   * A later call for the same app supersedes an earlier one.
   */
  deploy: (app: App, release: Release) => Promise<DeployOutcome>
  /** Brings what runs in line with the formation, e.g. after scaling. */
  reconcile: (appId: string) => Promise<void>
  /** Restarts all dynos, those of a type (`web`) or one (`web.1`), by the same swap. */
  restart: (appId: string, which?: string) => Promise<void>
  /** Stops a dyno or a type until the next release or restart; a one-off for good. */
  stop: (appId: string, which: string) => Promise<void>
  /** Starts a one-off; `exit` resolves when it ended, also after a restart of the control plane. */
  run: (request: OneOffRequest) => Promise<{ dyno: Dyno; exit: Promise<ExitStatus> }>
  /** Picks up one-offs that survived a restart of the control plane, e.g. a release phase. */
  exitOf: (dynoName: string, appId: string) => Promise<ExitStatus> | undefined
  list: (appId: string) => Dyno[]
  /** Stops everything of an app and removes its files. */
  remove: (appId: string) => Promise<void>
  wake: (appId: string) => Promise<void>
  /** Web requests were seen: Eco apps stay awake. */
  sawActivity: (appIds: readonly string[]) => void
  /** State and web instances for the router's table. */
  routed: (appId: string) => {
    state: 'live' | 'asleep' | 'crashed' | 'stopped'
    instances: readonly { id: string; dyno: string; host: string; port: number }[]
  }
  /** At start: finds what still runs, and makes everything else run that should. */
  adopt: () => Promise<void>
  /** Lets go without stopping anything. */
  close: () => Promise<void>
  /** For `hokku down`: stops every dyno. */
  stopAll: () => Promise<void>
}>
