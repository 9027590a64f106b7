import { bold, table } from '@hokku/kit/command-line'
import type { Command } from '../main.ts'

export const run: Command = async () => {
  console.log(`hokku is a Heroku of your own.

${bold('USAGE')}
  hokku COMMAND            one of the commands below
  hokku HEROKU-COMMAND     the official heroku CLI, pointed at your platform
  eval "$(hokku env)"      from then on plain \`heroku\` and \`git push heroku\` do

${bold('COMMANDS')}
${table(COMMANDS.map(([name, text]) => [`  ${name}`, text]))}

The platform's files lie in HOKKU_HOME (default ~/.hokku; as root /var/lib/hokku).`)
  return 0
}

const COMMANDS = [
  ['up [--port 8080] [--home DIR] [--domain D] [--bind A] [--detach]', 'start the platform'],
  ['down', 'stop it, dynos included'],
  ['status [--json]', 'what runs, and where'],
  ['env [--no-key]', 'shell lines that point heroku and git at it'],
  ['doctor', 'what this machine lacks, and what to do'],
  ['token', "print the owner's API token"],
  ['ci:run', 'run the tests of the checked-out commit, in an app of its own'],
  ['connect URL', 'reach a hokku on another machine through this one'],
] as const
