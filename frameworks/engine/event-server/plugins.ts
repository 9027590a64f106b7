import type { JsonValue, NewEvent } from '../events/event.ts'

/** What a plugin gets about an event. `channelId` 0 is the default channel. */
export type EventInfo = Readonly<{ appId: number; channelId: number; event: NewEvent }>

/**
 * Something that watches events arrive. A blocker runs before the event is stored and refuses it by
 * throwing; it cannot change it. A sniffer gets every stored event, without being waited for.
 *
 * @example
 * export default [{
 *   kind: 'inputblocker', name: 'no-robots', description: 'Refuses robots',
 *   process: ({ event }) => { if (event.entityId === 'robot') throw new Error('no robots') },
 * }] satisfies EventServerPlugin[]
 */
export type EventServerPlugin = Readonly<{
  kind: 'inputblocker' | 'inputsniffer'
  name: string
  description: string
  process: (info: EventInfo) => void | Promise<void>
  /** Answers `GET /plugins/<kind>/<name>/<args…>`. */
  handleRest?: (appId: number, channelId: number, args: readonly string[]) => JsonValue
}>

/** The body of `GET /plugins.json`. */
export function describePlugins(plugins: readonly EventServerPlugin[]): object {
  const ofKind = (kind: EventServerPlugin['kind']) =>
    Object.fromEntries(
      plugins
        .filter((plugin) => plugin.kind === kind)
        .map(({ name, description }) => [name, { name, description, class: name }]),
    )
  return {
    plugins: { inputblockers: ofKind('inputblocker'), inputsniffers: ofKind('inputsniffer') },
  }
}
