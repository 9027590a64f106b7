import { join } from 'node:path'
import { Problem } from '@hokku/kit/problem'
import { readEvent } from '../events/event-reader.ts'
import { problem } from '../problems.ts'
import { describeSource, type RepositoryName } from '../storage/configuration.ts'
import { VERSION } from '../version.ts'
import { type Context, pioCommand } from './command.ts'

export const command = pioCommand({
  summary: 'Checks that this installation and its databases work.',
  run: async (_call, context) => {
    const say = (line: string): void => context.log.info('Management$', line)
    const home = context.env['PIO_HOME'] ?? join(import.meta.dirname, '..')
    say('Inspecting PredictionIO...')
    say(`PredictionIO ${VERSION} is installed at ${home}`)
    say('Inspecting the runtime...')
    say(`Node.js is installed at ${process.execPath}`)
    say(`Node.js ${process.versions.node} detected (meets minimum requirement of ${NODE_MIN})`)
    say('Inspecting storage backend connections...')
    await verify('Meta Data', 'METADATA', () => context.storage().metadata(), context)
    await verify('Model Data', 'MODELDATA', () => testModels(context), context)
    await verify('Event Data', 'EVENTDATA', () => context.storage().events(), context)
    say('Test writing to Event Store (App Id 0)...')
    await testEvents(context)
    say('Your system is all ready to go.')
    return 0
  },
})

/** In the words of PredictionIO, with the source's settings behind it. */
const UNABLE = 'Unable to connect to all storage backends successfully.'
const NODE_MIN = '24.12.0'

async function verify(
  label: string,
  name: RepositoryName,
  open: () => Promise<unknown>,
  context: Context,
): Promise<void> {
  const { source } = context.storage().configuration[name]
  context.log.info('Management$', `Verifying ${label} Backend (Source: ${source.name})...`)
  try {
    await open()
  } catch (error) {
    if (error instanceof Problem && error.message.startsWith(UNABLE)) throw error
    const { message, hint } = error as Problem
    throw problem('storage_unreachable', `${UNABLE} ${message}\n${describeSource(source)}`, {
      ...(hint !== undefined && { hint }),
      cause: error,
    })
  }
}

/** A model is written, read and removed, so that a full disk or a read-only bucket is found out. */
async function testModels(context: Context): Promise<void> {
  const models = await context.storage().models()
  const id = `status-${process.pid}`
  await models.save(id, Buffer.from('status'))
  const loaded = await models.load(id)
  await models.delete(id)
  if (loaded === undefined) {
    throw problem('storage_unreachable', 'A model that was just stored could not be read.')
  }
}

async function testEvents(context: Context): Promise<void> {
  const events = await context.storage().events()
  const feed = { appId: 0, channelId: 0 }
  const event = readEvent({ event: 'test', entityType: 'test', entityId: 'test' }, Date.now())
  await events.delete(feed, await events.insert(feed, event))
}
