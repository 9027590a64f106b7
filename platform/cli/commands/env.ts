import { parseArgs } from 'node:util'
import { bundleFileIn, exportLines } from '../environment.ts'
import { readToken, runningInstallation } from '../installation.ts'
import type { Command } from '../main.ts'

/** `hokku env [--no-key]`: prints what `eval "$(hokku env)"` needs. */
export const run: Command = async (args, env) => {
  const { values } = parseArgs({ args, options: { 'no-key': { type: 'boolean' } } })
  const { home, address } = runningInstallation(env)
  const token = values['no-key'] === true ? null : readToken(home)
  const bundleFile = bundleFileIn(home.certificates)
  console.log(exportLines({ address, token, bundleFile, binFolder: home.bin, root: home.root }))
  return 0
}
