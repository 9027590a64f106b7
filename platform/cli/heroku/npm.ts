import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { dirname, join } from 'node:path'
import { childClose } from '@hokku/kit/child-exit'

export type NpmResult = Readonly<{
  isDone: boolean
  /** The registry could not be reached. */
  isOffline: boolean
  /** What npm said, in its own words. */
  output: string
}>

/**
 * Runs `npm ci` with the npm that hokku brings. Scripts of packages do not run: the CLI works
 * without those of its dependencies.
 */
export async function npmCi(folder: string, env: NodeJS.ProcessEnv): Promise<NpmResult> {
  const npm = dirname(createRequire(import.meta.url).resolve('npm/package.json'))
  const child = spawn(process.execPath, [join(npm, 'bin/npm-cli.js'), 'ci', ...OPTIONS], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: INSTALL_MS_MAX,
  })
  const [output, { code }] = await Promise.all([text(child.stderr), childClose(child)])
  return resultOf(code, output)
}

/** What an exit code and standard error of npm mean. */
export const resultOf = (code: number | null, output: string): NpmResult => ({
  isDone: code === 0,
  isOffline: isOffline(output),
  output: inShort(output),
})

const OPTIONS = [
  '--omit=dev',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-progress',
  '--loglevel=error',
  // A registry that cannot be reached is reported in seconds; npm's own pauses add up to a minute.
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=4000',
]

/** 100 MB of archives take this long at 1.5 Mbit/s. */
const INSTALL_MS_MAX = 10 * 60_000

/** Node's and npm's names for a network that is not there, an unknown host, a closed port. */
const isOffline = (output: string): boolean =>
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT)\b/.test(
    output,
  )

/** Lines without npm's prefix and the paragraph about its log file. */
function inShort(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (error|warn)\s*/, '').trim())
    .filter((line) => line !== '' && !/complete log of this run/.test(line))
  return lines.slice(0, LINES_MAX).join(' ')
}

/** npm's error code, the address and the reason stand in its first lines. */
const LINES_MAX = 6
