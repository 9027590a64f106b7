import { defineCommand } from '@hokku/kit/command-line'
import { bundleFileIn, exportLines } from '../environment.ts'
import { printFailure } from '../failure.ts'
import { ensureHerokuCli } from '../heroku/ensure.ts'
import { readToken, runningInstallation } from '../installation.ts'

export const command = defineCommand({
  summary: 'Prints the shell lines that point heroku and git at your platform.',
  details:
    'Installs the official heroku CLI if it is missing. Without a network the lines are still printed: git push and hokku do not need the CLI.',
  examples: ['eval "$(hokku env)"'],
  options: {
    'no-key': {
      type: 'boolean',
      description: 'Leaves the API key out and unsets it, so that "heroku login" works.',
    },
  },
  run: async ({ options }, env: NodeJS.ProcessEnv) => {
    const { home, address } = runningInstallation(env)
    const token = options['no-key'] ? null : readToken(home)
    const bundleFile = bundleFileIn(home.certificates)
    console.log(exportLines({ address, token, bundleFile, binFolder: home.bin, root: home.root }))
    await ensureHerokuCli(home.heroku, env).catch(printFailure)
    return 0
  },
})
