import { createAdminServer } from '../dashboard/admin-server.ts'
import { pioCommand } from './command.ts'
import { addressOptions } from './options.ts'
import { serve } from './serve.ts'

export const command = pioCommand({
  summary: 'Runs the admin API: creates, lists and deletes apps over HTTP.',
  details: 'It has no authentication: keep it on this machine.',
  options: addressOptions('127.0.0.1', 7071),
  run: async (call, context) => {
    const { ip: host, port } = call.options
    const storage = context.storage()
    const app = createAdminServer(await storage.metadata(), await storage.events())
    context.log.info('Management$', `Creating Admin Server at ${host}:${port}`)
    await serve(app, { host, port }, context, (address) =>
      context.log.info('AdminServer$', `Admin server is listening at ${address}`),
    )
    return 0
  },
})
