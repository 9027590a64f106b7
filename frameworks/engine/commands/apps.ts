import type { AccessKey, App, Channel } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'
import type { Context } from './command.ts'

/** @throws Problem `app_unknown` */
export async function requireApp(name: string, context: Context): Promise<App> {
  const app = await (await context.storage().metadata()).appNamed(name)
  if (app !== undefined) return app
  throw problem('app_unknown', `App ${name} does not exist. Aborting.`)
}

/** @throws Problem `app_unknown` */
export async function requireAppId(id: number, context: Context): Promise<App> {
  const app = await (await context.storage().metadata()).appById(id)
  if (app !== undefined) return app
  throw problem('app_unknown', `App ID ${id} does not exist. Aborting.`, {
    hint: 'pio app list shows the apps there are.',
  })
}

export async function channelNamed(
  app: App,
  name: string,
  context: Context,
): Promise<Channel | undefined> {
  const channels = await (await context.storage().metadata()).listChannels(app.id)
  return channels.find((channel) => channel.name === name)
}

/** `(all)`, or the events of a key, sorted. */
export const allowedEvents = ({ events }: AccessKey): string =>
  events.length === 0 ? '(all)' : events.toSorted().join(',')

/** The four lines that questions about an app begin with. */
export function describeApp(app: App): string[] {
  return [
    `    App Name: ${app.name}`,
    `      App ID: ${app.id}`,
    ` Description: ${app.description ?? ''}`,
  ]
}

/** The channels of an app as a table; nothing without any. */
export function describeChannels(channels: readonly Channel[]): string[] {
  if (channels.length === 0) return []
  return [
    '    Channels:     Channel Name | Channel ID ',
    ...channels.map(
      ({ name, id }) => `${' '.repeat(14)}${name.padStart(16)} | ${String(id).padStart(10)}`,
    ),
  ]
}

/** Whether the user typed YES, or did not want to be asked. */
export async function isConfirmed(isForced: boolean, context: Context): Promise<boolean> {
  if (isForced) return true
  const answer = await context.ask("Enter 'YES' to proceed: ")
  if (answer !== 'YES') context.log.info('App$', 'Aborted.')
  return answer === 'YES'
}
