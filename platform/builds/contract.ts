import type { BuiltIn } from './compile/catalogue.ts'
import type { Sources } from './source/sources.ts'
import type { App, Build, BuildSource, Endpoints } from '../store/index.ts'

export type { Build, BuildSource, BuildStatus } from '../store/index.ts'

export type BuildRequest = Readonly<{
  app: App
  accountId: string
  source: BuildSource
  sourceVersion: string | null
  /** Runs the app's tests instead of releasing it. */
  isTest?: boolean
  /** Overrides the app's own list for this build. */
  buildpacks?: readonly string[]
  /** Object folders in which git keeps the pushed commit until the push is accepted. */
  quarantine?: readonly string[]
}>

/** Builds belong to the platform: a client that goes away loses nothing. */
export type Builds = Readonly<{
  /** The buildpacks that come with hokku, in detection order. */
  builtIns: readonly BuiltIn[]
  /** Tarballs that clients upload for builds. */
  sources: Sources
  /** @throws Problem `build_running` that names the running build */
  start: (request: BuildRequest) => Build
  find: (appId: string, id: string) => Build | undefined
  list: (appId: string) => Build[]
  /** Everything printed so far and what follows, until the release is through. */
  output: (build: Build, signal: AbortSignal) => AsyncIterable<Uint8Array>
  /** Resolves when the build has ended. */
  ended: (id: string) => Promise<Build>
  purgeCache: (appId: string) => Promise<void>
  /** At start: builds that a dead control plane left pending end as failed, with the reason. */
  recover: () => Promise<void>
  remove: (appId: string) => Promise<void>
  close: () => Promise<void>
}>

/** What builds ask of the app's add-ons. */
export type BuildAddons = Readonly<{
  /** Where add-on servers are reached from a local dyno. */
  endpoints: () => Endpoints
  /** Creates what a manifest or buildpack asks for, unless the app has it already. */
  ensure: (appId: string, accountId: string, plan: string, as?: string) => Promise<void>
}>
