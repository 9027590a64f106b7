import { request as httpRequest, type ClientRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { problem } from '../store/index.ts'

/** A hokku on another machine. */
export type Remote = Readonly<{
  url: URL
  token: string
  /** PEM of the authorities to trust beside the usual ones; for https only. */
  ca: string | undefined
}>

/** Ports of the remote platform, `host:port` by name. */
export async function remotePorts(remote: Remote): Promise<Record<string, string>> {
  const text = await new Promise<string>((resolve, reject) => {
    const call = open(remote, '/hokku/ports', {})
    call.on('error', reject)
    call.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        if (response.statusCode === 200) return resolve(Buffer.concat(chunks).toString('utf8'))
        const hint = 'Use the token that `hokku token` prints on that machine.'
        reject(problem('unauthorized', `${remote.url.host} refused the token.`, { hint }))
      })
    })
    call.end()
  }).catch((error: unknown) => {
    if (!isNetworkError(error)) throw error
    throw problem('not_running', `No hokku answers at ${remote.url.host}: ${error.message}`, {
      hint: 'Check that it runs and was started with --domain or --bind. Its own certificate needs --ca <file>.',
      cause: error,
    })
  })
  return JSON.parse(text) as Record<string, string>
}

const isNetworkError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && error.name !== 'Problem'

/**
 * Opens a loopback port that leads to the port called `name` on the remote machine.
 *
 * @throws Problem `port_in_use`
 */
export async function relayPort(remote: Remote, name: string, port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (local) => carry(remote, name, local))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        problem('port_in_use', `Port ${port} on this machine is taken (${error.code}).`, {
          hint: `The server's ${name} needs the same port number here: stop the program that uses it.`,
        }),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}

function carry(remote: Remote, name: string, local: Socket): void {
  const call = open(remote, `/hokku/tunnel/${name}`, {
    connection: 'upgrade',
    upgrade: 'hokku-tunnel',
  })
  local.on('error', () => call.destroy())
  call.on('upgrade', (_response, upstream, head) => {
    if (head.length > 0) local.write(head)
    local.pipe(upstream).pipe(local)
    upstream.on('error', () => local.destroy())
    // What has arrived still goes out: `destroy` would drop it.
    upstream.on('close', () => local.destroySoon())
    local.on('close', () => upstream.destroy())
  })
  call.on('response', () => local.destroy())
  call.on('error', () => local.destroy())
  call.end()
}

function open(remote: Remote, path: string, headers: Record<string, string>): ClientRequest {
  const secure = remote.url.protocol === 'https:'
  return (secure ? httpsRequest : httpRequest)(new URL(path, remote.url), {
    headers: { ...headers, authorization: `Bearer ${remote.token}` },
    agent: false,
    ...(secure && remote.ca !== undefined && { ca: remote.ca }),
  })
}
