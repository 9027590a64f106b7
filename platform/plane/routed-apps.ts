import type { Dynos } from '../dynos/index.ts'
import type { RoutedApp } from '../router/index.ts'
import type { App, ConfigVar } from '../store/index.ts'

/** What one app's entry in the router's table is made of. */
export type RoutedParts = Readonly<{
  app: App
  domain: string
  customDomains: readonly string[]
  hasSlug: boolean
  config: readonly ConfigVar[]
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
  }
}
