import type { Release } from '../store/index.ts'

export type ReleaseRequest = Readonly<{
  appId: string
  accountId: string
  /** Heroku's wording, e.g. `Set FOO config vars`, `Deploy 193d1419`. */
  description: string
  /** Null keeps the current slug. */
  slugId?: string | null
  /** Whether the app's `release` command runs first; see platform-api.md §10.1. */
  releasePhase: boolean
}>

/** How a swap to a release ended. An unhealthy one leaves the old version serving. */
export type DeployOutcome =
  | Readonly<{ status: 'running' }>
  | Readonly<{ status: 'unhealthy'; reason: string; stillServing: number | null }>
  | Readonly<{ status: 'superseded' }>

/** How a program ended; `oom`: it was ended because it used too much memory. */
export type ExitStatus = Readonly<{ code: number | null; signal: string | null; oom: boolean }>

/** Numbered releases and their way to the dynos. */
export type Releases = Readonly<{
  /**
   * Records a release with the config vars and add-ons as they now stand in the store, in the
   * surrounding transaction; deploys it after the commit. Change the store first, in the same
   * transaction.
   */
  create: (request: ReleaseRequest) => Release
  /** Resolves when the release phase has ended and the swap is over (or failed). */
  settled: (releaseId: string) => Promise<Release>
  /** Output of the release phase: everything so far and what follows until it ends. */
  output: (release: Release, signal: AbortSignal) => AsyncIterable<Uint8Array>
  /** At start: continues with what a dead control plane left pending. */
  recover: () => Promise<void>
}>
