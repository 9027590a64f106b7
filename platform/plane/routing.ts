import type { Dynos } from '../dynos/index.ts'
import type { RoutedApp, RouterLink } from '../router/index.ts'
import type { Sandbox } from '../sandbox/index.ts'
import type { App, Store } from '../store/index.ts'
import { routedApp, routedCertificates } from './routed-apps.ts'

export type RoutingEffects = Readonly<{
  store: Store
  sandbox: Pick<Sandbox, 'setHosts'>
  link: Pick<RouterLink, 'publish'>
  /** The domain below which apps live. */
  domain: string
}>

/**
 * Keeps the router's table, and the host names that dynos know, as the store and the dynos are.
 * Until the dynos are known the table would say that nothing runs; the router has a better one from
 * before.
 */
export class Routing {
  readonly #effects: RoutingEffects
  #dynos: Pick<Dynos, 'routed'> | undefined

  constructor(effects: RoutingEffects) {
    this.#effects = effects
  }

  /** From now on `publish` publishes the table, with these dynos. */
  follow(dynos: Pick<Dynos, 'routed'>): void {
    this.#dynos = dynos
  }

  /** Publishes the table again; resolves when the router uses it. */
  async publish(): Promise<void> {
    const dynos = this.#dynos
    if (dynos === undefined) return
    const { store, sandbox, link, domain } = this.#effects
    const apps = store.apps.list()
    sandbox.setHosts(apps.map(({ name }) => `${name}.${domain}`))
    await link.publish(apps.map((app) => this.#routedApp(app, dynos)))
  }

  #routedApp(app: App, dynos: Pick<Dynos, 'routed'>): RoutedApp {
    const { store, domain } = this.#effects
    // A name that is not proved may be someone else's.
    const domains = store.domains.list(app.id).filter(({ provedAt }) => provedAt !== null)
    return routedApp({
      app,
      domain,
      customDomains: domains.map(({ hostname }) => hostname),
      certificates: routedCertificates(domains, store.sniEndpoints.list(app.id)),
      hasSlug: (store.releases.current(app.id)?.slugId ?? null) !== null,
      config: store.configVars.list(app.id),
      affinity: store.features.isEnabled({ kind: 'app', id: app.id }, 'http-session-affinity'),
      dynos: dynos.routed(app.id),
    })
  }
}
