import { defineCommand } from '@hokku/kit/command-line'

/** At a prompt the shell itself takes this word; on a command line there is nothing to leave. */
export const command = defineCommand({
  summary: 'Leaves the interactive shell; a server that is on keeps running.',
  run: async () => 0,
})
