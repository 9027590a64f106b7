import type { Logs } from '../logs/index.ts'
import type { RouterLink } from '../router/index.ts'
import type { Endpoints, Home, Store } from '../store/index.ts'
import type { Engine } from './engine.ts'
import type { PortLeases } from './port-leases.ts'
import type { untilAccepting } from './probe.ts'
import type { Timeouts } from './timeouts.ts'

/** What the dynos need of the rest of the platform. */
export type DynosEffects = Readonly<{
  store: Store
  home: Pick<Home, 'root' | 'run'>
  engine: Engine
  logs: Pick<Logs, 'write' | 'follow' | 'unfollow'>
  /** Where add-on servers are reached by a dyno of this machine. */
  endpoints: () => Endpoints
  /** Publishes the router's table; resolves once the router uses it. */
  route: () => Promise<void>
  drain: RouterLink['drain']
  /** The authorities' bundle as a dyno sees it. */
  certificatesFile: string | null
  /** The one port, and the domain below which apps live. */
  port: number
  domain: string
  ecoIdleMs: number
  timeouts?: Partial<Timeouts>
  /** Waits until a port accepts connections; by trying unless given. */
  untilAccepting?: typeof untilAccepting | undefined
  /** Where dynos get their ports; those of this machine unless given. */
  ports?: PortLeases
  /** Called with what should not happen; the dyno it happened to counts as crashed. */
  onBug?: (error: unknown) => void
  random?: () => number
}>
