import { createSecureContext, type SecureContext } from 'node:tls'
import type { Certificate } from '../certificates/index.ts'
import type { RouteTable } from './route-table.ts'

/** How a server name gets its certificate: an app's own, else one of the local authority. */
export type ServerContexts = Readonly<{
  /** Undefined for an unknown name: no certificate is made for those. */
  find: (serverName: string) => Promise<SecureContext | undefined>
}>

/**
 * @param leaf mints, or finds what was minted before; renews in time
 */
export function createServerContexts(
  routeTable: RouteTable,
  apiHosts: ReadonlySet<string>,
  leaf: (name: string) => Promise<Certificate>,
): ServerContexts {
  const made = new Map<string, { certPem: string; context: SecureContext }>()
  const contextOf = (name: string, { certPem, keyPem }: Certificate): SecureContext => {
    const known = made.get(name)
    if (known?.certPem === certPem) return known.context
    const context = createSecureContext({ cert: certPem, key: keyPem, minVersion: 'TLSv1.2' })
    if (made.size >= CONTEXTS_MAX) made.delete(made.keys().next().value ?? '')
    made.set(name, { certPem, context })
    return context
  }
  return {
    find: async (name) => {
      // One leaf for a wildcard, however many names below it are asked for.
      const pattern = apiHosts.has(name) ? name : routeTable.patternOf(name)
      if (pattern === undefined) return undefined
      const certificates = routeTable.find(pattern)?.app.certificates ?? []
      const own = certificates.find(({ hosts }) => hosts.includes(pattern))
      return contextOf(pattern, own ?? (await leaf(pattern)))
    },
  }
}

/** Each takes some 20 kB. */
const CONTEXTS_MAX = 500
