import { AppRoute } from './app-route.ts'
import type { RoutedInstance, RouterTable } from './contract.ts'
import { Upstream } from './upstream.ts'

/**
 * The table in force, with what lives longer than a table: open connections, requests under way,
 * and requests that wait.
 */
export class RouteTable {
  #version = 0
  #apps = new Map<string, AppRoute>()
  #hosts = new Map<string, AppRoute>()
  #upstreams = new Map<string, Upstream>()
  /** Out of the table, but with requests under way. */
  readonly #retired = new Set<Upstream>()

  get version(): number {
    return this.#version
  }

  get routes(): Iterable<AppRoute> {
    return this.#apps.values()
  }

  /** @param host lower case, without port */
  find(host: string): AppRoute | undefined {
    return this.#hosts.get(host) ?? this.#hosts.get(this.patternOf(host) ?? '')
  }

  /** The entry of the table that a host name falls under: itself, or the nearest wildcard above. */
  patternOf(host: string): string | undefined {
    if (this.#hosts.has(host)) return host
    for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
      const pattern = `*${host.slice(dot)}`
      if (this.#hosts.has(pattern)) return pattern
    }
    return undefined
  }

  /** Switches to a table at once: from here on no request goes to an instance it does not name. */
  replace(table: RouterTable): void {
    const before = { apps: this.#apps, upstreams: this.#upstreams }
    this.#version = table.version
    this.#apps = new Map()
    this.#hosts = new Map()
    this.#upstreams = new Map()
    const changes: (() => void)[] = []
    for (const app of table.apps) {
      const upstreams = app.instances.map((one) => this.#keepOrMake(one, before.upstreams))
      const route = before.apps.get(app.id) ?? new AppRoute(app, upstreams)
      this.#apps.set(app.id, route)
      for (const host of app.hosts) this.#hosts.set(host, route)
      changes.push(() => route.update(app, upstreams))
    }
    for (const change of changes) change()
    for (const [id, route] of before.apps) if (!this.#apps.has(id)) route.remove()
    for (const upstream of before.upstreams.values()) {
      if (this.#upstreams.get(upstream.id) !== upstream) this.#retire(upstream)
    }
  }

  /**
   * Resolves when nothing is under way at these instances any more. Connections that were handed
   * over to them (WebSocket) are cut.
   */
  async drain(ids: readonly string[] | 'all'): Promise<void> {
    const known = [...this.#upstreams.values(), ...this.#retired]
    const leaving = known.filter(({ id }) => ids === 'all' || ids.includes(id))
    for (const upstream of leaving) upstream.cutSplices()
    await Promise.all(leaving.map((upstream) => upstream.free()))
  }

  /** Apps that have a request under way, waiting requests included. */
  busyApps(): string[] {
    return [...this.#apps.values()]
      .filter((route) => route.isAwaited || route.upstreams.some(({ inFlight }) => inFlight > 0))
      .map(({ app }) => app.id)
  }

  #keepOrMake(instance: RoutedInstance, before: ReadonlyMap<string, Upstream>): Upstream {
    const { id, dyno, host, port } = instance
    const old = before.get(id)
    const upstream =
      old !== undefined && isAt(old, host, port) ? old : new Upstream(id, dyno, { host, port })
    this.#upstreams.set(id, upstream)
    return upstream
  }

  #retire(upstream: Upstream): void {
    upstream.close()
    if (upstream.inFlight === 0) return
    this.#retired.add(upstream)
    void upstream.free().then(() => this.#retired.delete(upstream))
  }
}

const isAt = ({ address }: Upstream, host: string, port: number): boolean =>
  'port' in address && address.host === host && address.port === port
