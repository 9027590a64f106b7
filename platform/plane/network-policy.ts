import type { NetworkPolicy, Sandbox } from '../sandbox/index.ts'
import { renderConfig, type ConfigVar, type Endpoints, type Store } from '../store/index.ts'

/** What is known of one app when its rules are made. */
export type NetworkedApp = Readonly<{
  uid: number
  config: readonly ConfigVar[]
  /** Ports of its dynos. */
  ports: readonly number[]
}>

/**
 * Which ports of this machine each app may reach: those of servers that its add-ons name in their
 * config vars, the router's, and those that the operator opens. A config var that a user set opens
 * nothing.
 */
export const networkPolicy = (
  apps: readonly NetworkedApp[],
  given: Readonly<{ shared: readonly number[]; endpoints: Endpoints }>,
): NetworkPolicy => ({
  shared: given.shared,
  apps: apps.map(({ uid, config, ports }) => {
    const ofAddons = config.filter(({ attachmentId }) => attachmentId !== null)
    const values = Object.values(renderConfig(ofAddons, given.endpoints))
    return { uid, services: values.flatMap(portsOf), served: ports }
  }),
})

/** Ports of local servers that settings of the machine name: a proxy, a package index. */
export const localPorts = (values: readonly string[]): number[] =>
  values.filter((value) => LOCAL.test(value)).flatMap(portsOf)

const LOCAL = /^\w+:\/\/(?:[^@/]*@)?(?:localhost|127\.[\d.]+|\[::1\])(?=[:/]|$)/i

/** The ports of a value that is an address, or several with commas between them. */
function portsOf(value: string): number[] {
  return value.split(',').flatMap((part) => {
    if (!URL.canParse(part)) return []
    const { protocol, port } = new URL(part)
    const number = port === '' ? (USUAL_PORTS[protocol] ?? 0) : Number(port)
    return number > 0 ? [number] : []
  })
}

const USUAL_PORTS: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
  'rediss:': 6379,
  'amqp:': 5672,
  'amqps:': 5671,
}

/** The policy as store and add-on servers are now. */
export function readNetworkPolicy(
  given: Readonly<{
    store: Store
    sandbox: Pick<Sandbox, 'user'>
    endpoints: Endpoints
    shared: readonly number[]
  }>,
): NetworkPolicy {
  const { store, sandbox, endpoints, shared } = given
  const ports = Map.groupBy(store.dynos.all(), ({ appId }) => appId)
  const apps = store.apps.list().flatMap(({ id }): NetworkedApp[] => {
    const uid = sandbox.user(id)?.uid
    if (uid === undefined) return []
    const served = (ports.get(id) ?? []).flatMap(({ port }) => (port === null ? [] : [port]))
    return [{ uid, config: store.configVars.list(id), ports: served }]
  })
  return networkPolicy(apps, { shared, endpoints })
}
