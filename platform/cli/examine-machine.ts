import { execFile } from 'node:child_process'
import { access, constants, readFile, statfs } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Home } from '../store/index.ts'
import { bundleFileIn } from './environment.ts'

export type Finding = Readonly<{
  name: string
  /** `advice`: works without, better with. */
  state: 'ok' | 'advice' | 'missing'
  found: string
  /** What to do about it, as a command where there is one. */
  todo?: string
}>

/** Looks at everything that hokku uses of a machine. Changes nothing. */
export async function examineMachine(home: Home, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  return await Promise.all([
    program(env, 'git', 'missing', 'receives pushes', 'git'),
    postgresClient(env, 'psql', 'heroku pg:psql'),
    postgresClient(env, 'pg_dump', 'heroku pg:backups'),
    redis(env),
    isolation(env),
    ...(isRootOnLinux() ? [network(env)] : []),
    program(env, 'python3', 'advice', 'builds Python apps', 'python3'),
    program(env, 'javac', 'advice', 'builds Java and Scala apps', 'default-jdk-headless'),
    program(env, 'Rscript', 'advice', 'builds R apps', 'r-base-core r-base-dev'),
    program(env, 'cargo', 'advice', 'builds Rust apps', 'cargo gcc'),
    go(env),
    disk(home),
    certificates(home),
  ])
}

async function program(
  env: NodeJS.ProcessEnv,
  name: string,
  without: 'advice' | 'missing',
  purpose: string,
  packages: string,
): Promise<Finding> {
  const path = await find(env, name)
  if (path !== undefined) return { name, state: 'ok', found: path }
  return { name, state: without, found: `not found (${purpose})`, todo: install(packages) }
}

const install = (packages: string): string =>
  process.platform === 'darwin'
    ? `brew install ${packages.replace('postgresql-client', 'libpq')}`
    : `sudo apt-get install ${packages}`

/** The server is 15 and a client must not be older than its server. */
const POSTGRES_MAJOR = 15

async function postgresClient(
  env: NodeJS.ProcessEnv,
  name: string,
  purpose: string,
): Promise<Finding> {
  const path = await find(env, name)
  const todo = install('postgresql-client')
  if (path === undefined) return { name, state: 'advice', found: `not found (${purpose})`, todo }
  const { stdout } = await promisify(execFile)(path, ['--version'])
  const major = Number(/(\d+)/.exec(stdout)?.[1] ?? 0)
  if (major >= POSTGRES_MAJOR) return { name, state: 'ok', found: stdout.trim() }
  return { name, state: 'advice', found: `${stdout.trim()}: older than the server`, todo }
}

async function redis(env: NodeJS.ProcessEnv): Promise<Finding> {
  const path = (await find(env, 'redis-server')) ?? (await find(env, 'valkey-server'))
  if (path !== undefined) return { name: 'redis-server', state: 'ok', found: path }
  const todo = install(process.platform === 'darwin' ? 'redis' : 'redis-server')
  return { name: 'redis-server', state: 'advice', found: 'not found (heroku-redis)', todo }
}

/** Go is the one compiler that a build can fetch by itself. */
async function go(env: NodeJS.ProcessEnv): Promise<Finding> {
  const places = `${env['PATH'] ?? ''}${delimiter}/usr/local/go/bin`
  const path = await find({ PATH: places }, 'go')
  return {
    name: 'go',
    state: 'ok',
    found: path ?? 'not found: builds of Go apps fetch it from PyPI',
  }
}

async function isolation(env: NodeJS.ProcessEnv): Promise<Finding> {
  const name = 'isolation'
  if (!isRootOnLinux()) {
    const found = 'plain: apps run as you, and can reach each other and your files'
    const todo = 'Run hokku as root on Linux for apps that do not trust each other'
    return { name, state: 'advice', found, todo }
  }
  const lacking = ['bwrap', 'setpriv']
  const paths = await Promise.all(lacking.map((tool) => find(env, tool)))
  if (paths.every((path) => path !== undefined)) {
    return { name, state: 'ok', found: 'own user and bubblewrap sandbox for every app' }
  }
  const todo = install('bubblewrap util-linux')
  return { name, state: 'advice', found: 'plain: bubblewrap is not installed', todo }
}

const isRootOnLinux = (): boolean => process.platform === 'linux' && process.getuid?.() === 0

async function network(env: NodeJS.ProcessEnv): Promise<Finding> {
  const name = 'network'
  const shared = 'shared: apps can reach the ports of each other'
  if (env['HOKKU_NETWORK'] === 'shared') {
    return {
      name,
      state: 'advice',
      found: `${shared} (HOKKU_NETWORK)`,
      todo: 'Unset HOKKU_NETWORK',
    }
  }
  const found = 'apps reach servers and the internet, not each other'
  if ((await find(env, 'nft')) !== undefined) return { name, state: 'ok', found }
  const todo = install('nftables')
  return { name, state: 'advice', found: `${shared} (nft is not installed)`, todo }
}

async function disk(home: Home): Promise<Finding> {
  const { bavail, bsize, ffree, files } = await statfs(await existingParent(home.root))
  const freeGb = (bavail * bsize) / 1e9
  // Some file systems make inodes as they need them, and say 0.
  const lacksFiles = files > 0 && ffree < DISK_FILES_MIN
  const found = `${freeGb.toFixed(1)} GB free for ${home.root}${lacksFiles ? `, ${ffree} files` : ''}`
  if (freeGb >= DISK_GB_MIN && !lacksFiles) return { name: 'disk', state: 'ok', found }
  return {
    name: 'disk',
    state: 'advice',
    found,
    todo: 'Make room, or set HOKKU_HOME to a larger disk',
  }
}

/** A few Node or Python apps with their slugs and caches. */
const DISK_GB_MIN = 5
const DISK_FILES_MIN = 200_000

async function certificates(home: Home): Promise<Finding> {
  const bundle = bundleFileIn(home.certificates)
  const text = await readFile(bundle, 'utf8').catch(() => undefined)
  if (text === undefined) {
    return { name: 'certificates', state: 'ok', found: 'made at the first start' }
  }
  const root = join(home.certificates, 'root.pem')
  const found = `${root}; to have browsers trust https://<app>.localhost:`
  const todo =
    process.platform === 'darwin'
      ? `sudo security add-trusted-cert -d -k /Library/Keychains/System.keychain ${root}`
      : `sudo cp ${root} /usr/local/share/ca-certificates/hokku.crt && sudo update-ca-certificates`
  return { name: 'certificates', state: 'ok', found, todo }
}

async function existingParent(path: string): Promise<string> {
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  return exists ? path : await existingParent(dirname(path))
}

async function find(env: NodeJS.ProcessEnv, name: string): Promise<string | undefined> {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  for (const folder of folders) {
    const path = join(folder, name)
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (usable) return path
  }
  return undefined
}
