import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { childExit } from '@hokku/kit/child-exit'
import { bundleFileIn, clientEnvironment, pathWith } from '../environment.ts'
import { ensureHerokuCli } from '../heroku/ensure.ts'
import { compileCacheOf } from '../heroku/heroku-cli.ts'
import { readToken, runningInstallation } from '../installation.ts'

/** Old spellings that the official CLI no longer knows. */
const RENAMED: Readonly<Record<string, string>> = { 'addons:add': 'addons:create' }

/** `hokku <heroku command>`: the official CLI, pointed at the running platform. */
export const run = async (args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  const { home, address } = runningInstallation(env)
  const cli = await ensureHerokuCli(home.heroku, env)
  const client = {
    address,
    token: env['HEROKU_API_KEY'] ?? readToken(home),
    bundleFile: bundleFileIn(home.certificates),
    binFolder: home.bin,
    root: home.root,
  }
  const child = spawn(process.execPath, [cli.program, ...officialArgs(args)], {
    stdio: 'inherit',
    env: {
      ...env,
      ...clientEnvironment(client),
      PATH: pathWith(home.bin, env['PATH']),
      NODE_COMPILE_CACHE: compileCacheOf(cli),
    },
  })
  // The terminal sends Ctrl-C to the CLI as well; it decides what that means.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const { code, signal } = await childExit(child)
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal])
}

/**
 * What the official CLI is called with: without a leading `heroku` or `--`, and with today's name of
 * a command that was renamed.
 *
 * @example officialArgs(['heroku', 'addons:add', 'x']) // ['addons:create', 'x']
 */
export function officialArgs(args: readonly string[]): string[] {
  const [word = '', ...rest] = args[0] === '--' || args[0] === 'heroku' ? args.slice(1) : args
  return [RENAMED[word] ?? word, ...rest].filter((arg, at) => at > 0 || arg !== '')
}
