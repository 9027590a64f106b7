import { createDashboard } from '../dashboard/server.ts'
import { recordedEnv } from '../dase/instance.ts'
import { type Command, textOption } from './command.ts'
import { integerOption } from './parse-call.ts'
import { serve } from './serve.ts'

export const command: Command = {
  usage: '[--ip <address>] [--port <n>]',
  summary: 'Shows finished evaluations in the browser.',
  options: ['ip', 'port'],
  arguments: [],
  run: async (call, context) => {
    const host = textOption(call, 'ip') ?? '127.0.0.1'
    const port = integerOption(call, 'port', { min: 0, max: 65_535 }) ?? 9000
    const app = createDashboard({
      metadata: await context.storage().metadata(),
      serverKey: context.env['PIO_SERVER_ACCESS_KEY'] || undefined,
      env: recordedEnv(context.env),
    })
    context.log.info('Management$', `Creating dashboard at ${host}:${port}`)
    await serve(app, { host, port }, context, (address) =>
      context.log.info('Dashboard$', `Dashboard is listening at ${address}`),
    )
    return 0
  },
}
