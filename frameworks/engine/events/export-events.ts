import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { ColumnSource } from 'hyparquet-writer'
import { problem } from '../problems.ts'
import { eventJson } from './event-json.ts'
import type { StoredEvent } from './event.ts'
import { formatTime } from './event-time.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

export type ExportFormat = 'json' | 'parquet'

/**
 * Writes events as a directory with one part file and `_SUCCESS`, as Spark would. The directory
 * appears when it is complete.
 *
 * @returns how many events were written
 * @throws Problem `export_failed` if it exists already
 */
export async function exportEvents(
  batches: AsyncIterable<StoredEvent[]>,
  directory: string,
  format: ExportFormat,
): Promise<number> {
  if (await exists(directory)) {
    throw problem('export_failed', `Output directory ${directory} already exists.`)
  }
  const temporary = join(dirname(directory), `.${process.pid}-${Date.now()}.export`)
  await mkdir(temporary, { recursive: true })
  try {
    const write = format === 'json' ? writeJson : writeParquet
    const count = await write(batches, temporary)
    await writeFile(join(temporary, '_SUCCESS'), '')
    await rename(temporary, directory)
    return count
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

async function writeJson(
  batches: AsyncIterable<StoredEvent[]>,
  directory: string,
): Promise<number> {
  const file = createWriteStream(join(directory, 'part-00000'), { flush: true })
  let count = 0
  for await (const batch of batches) {
    count += batch.length
    const text = batch.map((event) => `${eventJson(event)}\n`).join('')
    if (!file.write(text)) await once(file, 'drain')
  }
  file.end()
  await finished(file)
  return count
}

async function writeParquet(
  batches: AsyncIterable<StoredEvent[]>,
  directory: string,
): Promise<number> {
  const { fileWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer')
  const writer = new ParquetWriter({
    writer: fileWriter(join(directory, 'part-00000.parquet')),
    schema: schemaFromColumnData({ columnData: columnsOf([]) }),
  })
  let count = 0
  let group: StoredEvent[] = []
  const flush = async (): Promise<void> => {
    await writer.write({ columnData: columnsOf(group), rowGroupSize: ROW_GROUP_EVENTS })
    group = []
  }
  for await (const batch of batches) {
    count += batch.length
    group.push(...batch)
    if (group.length >= ROW_GROUP_EVENTS) await flush()
  }
  if (group.length > 0) await flush()
  await writer.finish()
  return count
}

const ROW_GROUP_EVENTS = 50_000

/** The columns of upstream's Parquet export; properties are JSON text. */
function columnsOf(events: readonly StoredEvent[]): ColumnSource[] {
  const text = (name: string, of: (event: StoredEvent) => string | undefined): ColumnSource => ({
    name,
    data: events.map((event) => of(event) ?? null),
    type: 'STRING',
  })
  return [
    text('eventId', (event) => event.id),
    text('event', (event) => event.event),
    text('entityType', (event) => event.entityType),
    text('entityId', (event) => event.entityId),
    text('targetEntityType', (event) => event.targetEntityType),
    text('targetEntityId', (event) => event.targetEntityId),
    text('properties', (event) => stringifyExactly(event.properties)),
    text('eventTime', (event) => formatTime(event.eventTime)),
    text('prId', (event) => event.prId),
    text('creationTime', (event) => formatTime(event.creationTime)),
  ]
}
