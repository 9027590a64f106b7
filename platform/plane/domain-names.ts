import { Resolver } from 'node:dns/promises'
import type { DomainNames } from '../api/index.ts'

/**
 * DNS for proofs of custom domains.
 *
 * @param server `HOKKU_DNS_SERVER`, e.g. `9.9.9.9` or `127.0.0.1:5353`; unset: those of the machine
 */
export function openDomainNames(server: string | undefined): DomainNames {
  const resolver = new Resolver({ timeout: LOOKUP_MS_MAX, tries: 2 })
  if (server !== undefined) resolver.setServers([server])
  return {
    txt: async (name) =>
      (await resolver.resolveTxt(name).catch(() => [])).map((parts) => parts.join('')),
    cname: (name) => resolver.resolveCname(name).catch(() => []),
  }
}

/** People wait for the answer of `heroku domains:add`. */
const LOOKUP_MS_MAX = 3000
