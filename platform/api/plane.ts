import type { Addons } from '../addons/index.ts'
import type { Builds } from '../builds/index.ts'
import type { Slugs } from '../slugs/index.ts'
import type { Authority } from '../certificates/index.ts'
import type { Dynos } from '../dynos/index.ts'
import type { Logs } from '../logs/index.ts'
import type { Releases } from '../releases/index.ts'
import type { DomainNames } from './domain-proof.ts'
import type { Home, Store } from '../store/index.ts'

/** Settings of one running platform, read once by its `main.ts`. */
export type PlaneConfig = Readonly<{
  /** hokku's own version. */
  version: string
  home: Home
  /** The one port, and the domain below which apps live, e.g. 8080 and `localhost`. */
  port: number
  domain: string
  /** Base URL of the API, e.g. `http://localhost:8080`. */
  url: string
  /** Idle time after which Eco apps sleep, in milliseconds. */
  ecoIdleMs: number
}>

/** Everything that the API's routes work on. */
export type Plane = Readonly<{
  config: PlaneConfig
  store: Store
  releases: Releases
  builds: Builds
  slugs: Slugs
  dynos: Dynos
  logs: Logs
  addons: Addons
  authority: Authority
  /** DNS, for proofs of custom domains. */
  names: DomainNames
  /** Publishes the router's table again: hosts, maintenance or instances have changed. */
  route: () => Promise<void>
}>
