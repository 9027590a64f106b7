import { createAdminServer } from '../dashboard/admin-server.ts'
import { type Command, textOption } from './command.ts'
import { integerOption } from './parse-call.ts'
import { serve } from './serve.ts'

export const command: Command = {
  usage: '[--ip <address>] [--port <n>]',
  summary: 'Runs the admin API for apps. It has no authentication: keep it on this machine.',
  options: ['ip', 'port'],
  arguments: [],
  run: async (call, context) => {
    const host = textOption(call, 'ip') ?? '127.0.0.1'
    const port = integerOption(call, 'port', { min: 0, max: 65_535 }) ?? 7071
    const storage = context.storage()
    const app = createAdminServer(await storage.metadata(), await storage.events())
    context.log.info('Management$', `Creating Admin Server at ${host}:${port}`)
    await serve(app, { host, port }, context, (address) =>
      context.log.info('AdminServer$', `Admin server is listening at ${address}`),
    )
    return 0
  },
}
