import { chooseDatabase, stopEmbedded } from '@hokku/postgres'
import { rm } from 'node:fs/promises'
import { type Context, pioCommand } from './command.ts'
import { daemonFiles, runningEventServer, stopProcess } from './event-server-daemon.ts'

export const command = pioCommand({
  summary: 'Stops what start-all started.',
  details:
    'A database that other programs use keeps running. The program pio-stop-all does the same.',
  run: async (_call, context) => {
    const files = daemonFiles(context.env)
    const running = await runningEventServer(files)
    if (running === undefined) context.write('PredictionIO Event Server is not running.\n')
    else {
      context.write('Stopping PredictionIO Event Server...\n')
      await stopProcess(running)
    }
    await rm(files.pid, { force: true })
    await stopStorage(context)
    return 0
  },
})

/** Only a database of this machine is ours to stop, and only when no other program uses it. */
async function stopStorage({ env, write }: Context): Promise<void> {
  const database = chooseDatabase(env)
  if (database.kind !== 'embedded') return
  const { outcome, clients } = await stopEmbedded({
    directory: database.directory,
    onlyIfIdle: true,
  })
  if (outcome === 'stopped') write('Stopping storage...\n')
  if (outcome === 'in use') write(`The database keeps running: ${clients} connections use it.\n`)
}
