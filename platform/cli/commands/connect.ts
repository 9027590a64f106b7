import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import { ask, defineCommand, misuse } from '@hokku/kit/command-line'
import { writeDurably } from '@hokku/kit/disk'
import { homeAt } from '../../store/index.ts'
import { bundleFileIn, exportLines } from '../environment.ts'
import { homeOf } from '../installation.ts'
import { writeLaunchers } from '../launchers.ts'
import { relayPort, remotePorts, type Remote } from '../relay.ts'

export const command = defineCommand({
  summary: 'Makes a hokku on another machine reachable from this one, add-ons included.',
  details:
    `Opens the same port numbers as on the server and stays until you press Ctrl-C. The token of
the server is read from HEROKU_API_KEY, or asked for.`.replace('\n', ' '),
  examples: ['hokku connect https://apps.example.com'],
  arguments: {
    url: { type: 'string', description: 'Address of the server, as in "hokku up --domain".' },
  },
  options: {
    ca: {
      type: 'file',
      placeholder: 'file',
      description: "The server's root certificate (certificates/root.pem in its home).",
    },
  },
  run: ({ arguments: { url }, options }, env: NodeJS.ProcessEnv) =>
    connect(parseUrl(url), options.ca, env),
})

async function connect(
  url: URL,
  caFile: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8')
  const remote: Remote = { url, ca, token: await readRemoteToken(env, url) }

  const ports = await remotePorts(remote)
  for (const [name, address] of Object.entries(ports))
    await relayPort(remote, name, portOf(address))

  const home = homeAt(join(homeOf(env).root, 'remotes', url.hostname))
  await mkdir(home.root, { recursive: true, mode: 0o700 })
  await writeLaunchers(home, homeOf(env).heroku)
  const bundleFile = bundleFileIn(home.certificates)
  await writeDurably(bundleFile, [...authorities(ca)].join('\n'))
  const address = { port: portOf(ports['platform'] ?? '') }
  const client = { address, bundleFile, binFolder: home.bin, root: home.root, token: remote.token }
  await writeDurably(join(home.root, 'env'), exportLines(client))

  console.error(`Connected to ${url.host}. In another shell:\n\n  . '${join(home.root, 'env')}'\n`)
  console.error('Press Ctrl-C to close the connection.')
  await new Promise<void>((done) => process.on('SIGINT', () => done()))
  process.exit(0)
}

/**
 * Node's authorities, those that this machine and its user trust already, and the server's: the
 * bundle replaces the user's own, and programs reach other hosts with it, too.
 */
const authorities = (ca: string | undefined): Set<string> =>
  new Set([
    ...getCACertificates('bundled'),
    ...getCACertificates('system'),
    ...getCACertificates('extra'),
    ...(ca === undefined ? [] : [ca]),
  ])

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1))

function parseUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text)
  throw misuse(`Argument <url> takes an http or https address, not '${text}'`, {
    hint: 'For example: hokku connect https://apps.example.com:8080',
  })
}

/** Never from an argument: every user of the machine can see those. */
async function readRemoteToken(env: NodeJS.ProcessEnv, url: URL): Promise<string> {
  const set = env['HEROKU_API_KEY']
  if (set !== undefined && set !== '') return set
  const conversation = { input: process.stdin, output: process.stderr }
  const token = (await ask(`Token of ${url.host} (hokku token): `, conversation))?.trim()
  if (token) return token
  throw misuse('Missing token', {
    hint: `Set HEROKU_API_KEY to what "hokku token" prints on ${url.host}.`,
  })
}
