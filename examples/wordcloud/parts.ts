import { openBroker } from './broker.ts'
import type { Config } from './config.ts'
import { openDatabase } from './database.ts'
import { openObjectStore } from './object-store.ts'
import { createTables } from './tables.ts'
import type { Parts } from './work.ts'

/** Database, object store and broker: add-ons where there are any, embedded ones otherwise. */
export async function openParts(config: Config): Promise<Parts> {
  const database = await openDatabase(config.databaseUrl, config.dataFolder)
  // On a platform the release phase has made them.
  if (config.databaseUrl === undefined) await createTables(database)
  return {
    config,
    database,
    store: openObjectStore(config.s3, config.dataFolder),
    broker: config.amqpUrl === undefined ? undefined : openBroker(config.amqpUrl, config.queue),
  }
}
