import { connect, type Socket } from 'node:net'

/**
 * Hands a connection to the control plane, which knows what its secret stands for: bytes go both
 * ways as they come, without limits, until either side ends.
 *
 * @param path the control plane's Unix socket for attach connections
 * @param first bytes already read from the client
 */
export function spliceRendezvous(client: Socket, path: string, first: Buffer): void {
  const server = connect(path)
  const end = (): void => {
    client.destroy()
    server.destroy()
  }
  client.setNoDelay(true)
  client.on('error', end).on('close', end)
  server.on('error', end).on('close', () => client.destroySoon())
  server.write(first)
  client.pipe(server)
  server.pipe(client)
}
