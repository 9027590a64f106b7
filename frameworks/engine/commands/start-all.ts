import { problem } from '../problems.ts'
import { type Command, textOption } from './command.ts'
import { daemonFiles, runningEventServer, startEventServer } from './event-server-daemon.ts'

export const command: Command = {
  usage: '[--ip <address>] [--port <n>] [--stats]',
  summary: `Starts the stores and the event server, in the background. Also called pio-start-all.
Its process id and log are eventserver.pid and eventserver.log in PIO_HOME (else ~/.pio_store).`,
  options: ['ip', 'port', 'stats'],
  arguments: [],
  run: async (call, context) => {
    const files = daemonFiles(context.env)
    const running = await runningEventServer(files)
    if (running !== undefined) {
      throw problem('server_failed', `The event server runs already, as process ${running}.`, {
        hint: 'pio-stop-all ends it.',
      })
    }
    context.write('Starting storage...\n')
    await context.storage().metadata()
    await context.storage().events()
    context.write('Starting PredictionIO Event Server...\n')
    const address = [`--ip=${textOption(call, 'ip') ?? '0.0.0.0'}`]
    address.push(`--port=${textOption(call, 'port') ?? '7070'}`)
    const argv = call.options.stats === true ? [...address, '--stats'] : address
    const { pid, url } = await startEventServer(files, argv, context.env)
    context.write(`Event server is listening at ${url} (process ${pid}).\n`)
    return 0
  },
}
