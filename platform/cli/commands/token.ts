import { defineCommand } from '@hokku/kit/command-line'
import { homeOf, readToken } from '../installation.ts'

export const command = defineCommand({
  summary: 'Prints the owner\'s API token, for the dashboard, HEROKU_API_KEY or "hokku connect".',
  run: async (_call, env: NodeJS.ProcessEnv) => {
    console.log(readToken(homeOf(env)))
    return 0
  },
})
