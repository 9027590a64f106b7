import { parseArgs } from 'node:util'
import { bundleFileIn, exportLines } from '../environment.ts'
import { printFailure } from '../failure.ts'
import { ensureHerokuCli } from '../heroku/ensure.ts'
import { readToken, runningInstallation } from '../installation.ts'
import type { Command } from '../main.ts'

/**
 * `hokku env [--no-key]`: prints what `eval "$(hokku env)"` needs, and installs the official CLI if
 * this is its first use. Without a network the lines are printed all the same: `git push` and `hokku`
 * work without it.
 */
export const run: Command = async (args, env) => {
  const { values } = parseArgs({ args, options: { 'no-key': { type: 'boolean' } } })
  const { home, address } = runningInstallation(env)
  const token = values['no-key'] === true ? null : readToken(home)
  const bundleFile = bundleFileIn(home.certificates)
  console.log(exportLines({ address, token, bundleFile, binFolder: home.bin, root: home.root }))
  await ensureHerokuCli(home.heroku, env).catch(printFailure)
  return 0
}
