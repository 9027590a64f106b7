import { allowedEvents } from './apps.ts'
import { pioCommand } from './command.ts'

export const command = pioCommand({
  summary: 'Lists all apps with their access keys.',
  run: async (_call, { storage, log }) => {
    const metadata = await storage().metadata()
    const [apps, keys] = await Promise.all([metadata.listApps(), metadata.listAccessKeys()])
    log.info('Pio$', row('Name', 'ID', 'Access Key', 'Allowed Event(s)'))
    for (const app of apps) {
      for (const key of keys.filter(({ appId }) => appId === app.id)) {
        log.info('Pio$', row(app.name, String(app.id), key.key, allowedEvents(key)))
      }
    }
    log.info('Pio$', `Finished listing ${apps.length} app(s).`)
    return 0
  },
})

/** Scripts count the words of these lines. */
const row = (name: string, id: string, key: string, events: string): string =>
  `${name.padStart(20)} | ${id.padStart(4)} | ${key.padStart(64)} | ${events}`
