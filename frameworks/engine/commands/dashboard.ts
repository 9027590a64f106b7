import { createDashboard } from '../dashboard/server.ts'
import { recordedEnv } from '../dase/instance.ts'
import { pioCommand } from './command.ts'
import { addressOptions } from './options.ts'
import { serve } from './serve.ts'

export const command = pioCommand({
  summary: 'Serves a web page that shows finished evaluations.',
  options: addressOptions('127.0.0.1', 9000),
  run: async (call, context) => {
    const { ip: host, port } = call.options
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
})
