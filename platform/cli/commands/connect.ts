import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { rootCertificates } from 'node:tls'
import { parseArgs } from 'node:util'
import { writeDurably } from '@hokku/kit/disk'
import { homeAt, problem } from '../../store/index.ts'
import { bundleFileIn, exportLines } from '../environment.ts'
import { homeOf } from '../installation.ts'
import { writeLaunchers } from '../launchers.ts'
import type { Command } from '../main.ts'
import { relayPort, remotePorts, type Remote } from '../relay.ts'

/**
 * `hokku connect URL [--ca FILE]`: makes a hokku on another machine look like one on this: its port
 * and those of its add-ons, at the same numbers. Prints the same lines as `hokku env`, then stays.
 */
export const run: Command = async (args, env) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ca: { type: 'string' } },
  })
  const url = parseUrl(positionals[0])
  const ca = values.ca === undefined ? undefined : await readFile(values.ca, 'utf8')
  const remote: Remote = { url, ca, token: await readRemoteToken(env, url) }

  const ports = await remotePorts(remote)
  for (const [name, address] of Object.entries(ports))
    await relayPort(remote, name, portOf(address))

  const home = homeAt(join(homeOf(env).root, 'remotes', url.hostname))
  await mkdir(home.root, { recursive: true, mode: 0o700 })
  await writeLaunchers(home, homeOf(env).heroku)
  const bundleFile = bundleFileIn(home.certificates)
  await writeDurably(
    bundleFile,
    [...rootCertificates, ...(ca === undefined ? [] : [ca])].join('\n'),
  )
  const address = { port: portOf(ports['platform'] ?? '') }
  const client = { address, bundleFile, binFolder: home.bin, root: home.root, token: remote.token }
  await writeDurably(join(home.root, 'env'), exportLines(client))

  console.error(`Connected to ${url.host}. In another shell:\n\n  . '${join(home.root, 'env')}'\n`)
  console.error('Ctrl-C ends the connection.')
  await new Promise<void>((done) => process.on('SIGINT', () => done()))
  process.exit(0)
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1))

function parseUrl(text: string | undefined): URL {
  if (text !== undefined && URL.canParse(text) && /^https?:/.test(text)) return new URL(text)
  throw problem('invalid_params', `"${text ?? ''}" is not the address of a hokku.`, {
    hint: 'For example: hokku connect https://apps.example.com:8080',
  })
}

/** Never from an argument: those can be seen by everybody on the machine. */
async function readRemoteToken(env: NodeJS.ProcessEnv, url: URL): Promise<string> {
  const set = env['HEROKU_API_KEY']
  if (set !== undefined && set !== '') return set
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await prompt.question(`Token of ${url.host} (hokku token): `)).trim()
  } finally {
    prompt.close()
  }
}
