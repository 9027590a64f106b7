import { randomBytes } from 'node:crypto'
import type { App, Domain } from '../store/index.ts'

/** What is asked of DNS; names that do not exist have nothing. */
export type DomainNames = Readonly<{
  txt: (name: string) => Promise<readonly string[]>
  cname: (name: string) => Promise<readonly string[]>
}>

/**
 * Whether the people of an app control a host name: a TXT record names the app, or the name itself
 * is an alias of the app's own. A name that everyone below a platform could claim would go to the
 * first who asks, with the visitors, cookies and passwords meant for its owner.
 */
export async function isProved(
  { hostname }: Pick<Domain, 'hostname'>,
  app: Pick<App, 'id' | 'name'>,
  platformDomain: string,
  names: DomainNames,
): Promise<boolean> {
  const { name, value } = recordFor(hostname, app)
  if ((await names.txt(name)).some((text) => text.trim() === value)) return true
  // A wildcard is seen by any name below it.
  const alias = hostname.replace(/^\*/, `hokku-${randomBytes(4).toString('hex')}`)
  const target = `${app.name}.${platformDomain}`.toLowerCase()
  return (await names.cname(alias)).some(
    (found) => found.toLowerCase().replace(/\.$/, '') === target,
  )
}

/** The TXT record that names an app. */
export const recordFor = (hostname: string, { id }: Pick<App, 'id'>) => ({
  name: `_hokku.${hostname.replace(/^\*\./, '')}`,
  value: `hokku-app=${id}`,
})

/** What the owner of a name has to do, as sentences. */
export function howToProve(
  hostname: string,
  app: Pick<App, 'id' | 'name'>,
  platformDomain: string,
): string {
  const { name, value } = recordFor(hostname, app)
  return (
    `Make ${hostname} a CNAME of ${app.name}.${platformDomain}, or add a TXT record ${name} with the ` +
    `value ${value}. The owner of this installation can do without: hokku domains:waive ${hostname}`
  )
}
