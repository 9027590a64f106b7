import type { Dynos } from '../dynos/index.ts'
import type { RoutedApp, RoutedCertificate } from '../router/index.ts'
import type { App, ConfigVar, Domain, SniEndpoint } from '../store/index.ts'

/** What one app's entry in the router's table is made of. */
export type RoutedParts = Readonly<{
  app: App
  domain: string
  customDomains: readonly string[]
  certificates?: readonly RoutedCertificate[]
  hasSlug: boolean
  config: readonly ConfigVar[]
  /** Feature `http-session-affinity`. */
  affinity?: boolean
  dynos: ReturnType<Dynos['routed']>
}>

/** An app as the router knows it; computed from what is, never from what was at a deploy. */
export function routedApp(parts: RoutedParts): RoutedApp {
  const { app, dynos } = parts
  const valueOf = (name: string): string | null =>
    parts.config.find((entry) => entry.name === name)?.value ?? null
  return {
    id: app.id,
    name: app.name,
    hosts: [`${app.name}.${parts.domain}`, ...parts.customDomains].map((host) =>
      host.toLowerCase(),
    ),
    state: parts.hasSlug ? dynos.state : 'blank',
    maintenance: app.maintenance,
    maintenancePageUrl: valueOf('MAINTENANCE_PAGE_URL'),
    errorPageUrl: valueOf('ERROR_PAGE_URL'),
    instances: dynos.instances,
    affinity: parts.affinity ?? false,
    certificates: parts.certificates ?? [],
  }
}

/** The certificates that users brought, each with the domains that it was given to. */
export const routedCertificates = (
  domains: readonly Domain[],
  endpoints: readonly SniEndpoint[],
): RoutedCertificate[] =>
  endpoints.map(({ id, certificateChain, privateKey }) => ({
    hosts: domains.filter(({ sniEndpointId }) => sniEndpointId === id).map((one) => one.hostname),
    certPem: certificateChain,
    keyPem: privateKey,
  }))
