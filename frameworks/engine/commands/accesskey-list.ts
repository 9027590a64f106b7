import { allowedEvents, requireApp } from './apps.ts'
import { pioCommand } from './command.ts'

export const command = pioCommand({
  summary: 'Lists the access keys of one app or of all apps.',
  arguments: {
    app: {
      type: 'string',
      isOptional: true,
      defaultText: 'all apps',
      description: 'Name of the app.',
    },
  },
  run: async (call, context) => {
    const { app: name } = call.arguments
    const appId = name === undefined ? undefined : (await requireApp(name, context)).id
    const keys = await (await context.storage().metadata()).listAccessKeys(appId)
    const print = (line: string): void => context.log.info('Pio$', line)
    print(`${'Access Key(s)'.padStart(64)} | App ID | Allowed Event(s)`)
    for (const key of keys) {
      print(`${key.key.padStart(64)} | ${String(key.appId).padStart(6)} | ${allowedEvents(key)}`)
    }
    print(`Finished listing ${keys.length} access key(s).`)
    return 0
  },
})
