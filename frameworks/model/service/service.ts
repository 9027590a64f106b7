import type { Config } from '../config.ts'
import type { Store } from '../store/open-store.ts'
import type { Metrics } from './metrics.ts'
import type { Registry } from './registry.ts'

/** What the routes work with. */
export type Service = Readonly<{
  config: Config
  store: Store
  registry: Registry
  metrics: Metrics
}>
