import { defineCommand } from '@hokku/kit/command-line'
import { homeOf, readToken } from '../installation.ts'
import { askPlane } from '../plane-client.ts'

export const command = defineCommand({
  summary: 'Prints the owner\'s API token, for the dashboard, HEROKU_API_KEY or "hokku connect".',
  options: {
    rotate: {
      type: 'boolean',
      description:
        'Makes a new token first and revokes the old one; run hokku env again in open shells.',
    },
  },
  run: async ({ options }, env: NodeJS.ProcessEnv) => {
    const home = homeOf(env)
    if (options.rotate) await askPlane(home, 'POST', '/hokku/token')
    console.log(readToken(home))
    return 0
  },
})
