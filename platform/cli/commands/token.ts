import { parseArgs } from 'node:util'
import { homeOf, readToken } from '../installation.ts'
import type { Command } from '../main.ts'

/** `hokku token`: prints the owner's API token, for `HEROKU_API_KEY` or the dashboard. */
export const run: Command = async (args, env) => {
  parseArgs({ args, options: {} })
  console.log(readToken(homeOf(env)))
  return 0
}
