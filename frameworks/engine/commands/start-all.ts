import { problem } from '../problems.ts'
import { pioCommand } from './command.ts'
import { addressOptions, optionsOf } from './options.ts'
import { daemonFiles, runningEventServer, startEventServer } from './event-server-daemon.ts'

export const command = pioCommand({
  summary: 'Starts the database and the event server in the background.',
  details:
    'The process id and the log are in eventserver.pid and eventserver.log, in PIO_HOME or ~/.pio_store. The program pio-start-all does the same.',
  options: { ...addressOptions('0.0.0.0', 7070), ...optionsOf('stats') },
  run: async (call, context) => {
    const files = daemonFiles(context.env)
    const running = await runningEventServer(files)
    if (running !== undefined) {
      throw problem('server_failed', `The event server is already running as process ${running}.`, {
        hint: 'Stop it with: pio-stop-all',
      })
    }
    context.write('Starting storage...\n')
    await context.storage().metadata()
    await context.storage().events()
    context.write('Starting PredictionIO Event Server...\n')
    const { ip, port, stats } = call.options
    const argv = [`--ip=${ip}`, `--port=${port}`, ...(stats ? ['--stats'] : [])]
    const { pid, url } = await startEventServer(files, argv, context.env)
    context.write(`Event server is listening at ${url} (process ${pid}).\n`)
    return 0
  },
})
