import type { AddressInfo } from 'node:net'

/** The port on which a server listens. @throws Error for one that does not, or on a socket file */
export function portOf(server: Readonly<{ address: () => AddressInfo | string | null }>): number {
  const address = server.address()
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('the server listens on no port')
}
