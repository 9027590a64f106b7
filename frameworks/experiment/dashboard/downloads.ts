import type { FastifyReply } from '@hokku/kit/http'
import { Readable } from 'node:stream'
import { rowsOf, type DataFile } from '../data/data-files.ts'
import { exportParticipants, type Exported } from '../data/export.ts'
import { collectMeasures, jsonLine, tidyHeader, tidyRows } from '../data/tidy-files.ts'
import type { StudyServer } from '../http/study-server.ts'

/** File name → its text, piece by piece, so that memory stays flat regardless of the size of the study. */
const FILES: Readonly<Record<string, (server: StudyServer) => AsyncGenerator<string>>> = {
  'trialdata.csv': (server) => dataFile(server, 'trialdata.csv'),
  'questiondata.csv': (server) => dataFile(server, 'questiondata.csv'),
  'eventdata.csv': (server) => dataFile(server, 'eventdata.csv'),
  'trials.csv': tidyFile,
  'participants.jsonl': (server) => eachParticipant(server, jsonLine),
}

/** @returns undefined if there is no such file */
export function sendDownload(
  server: StudyServer,
  reply: FastifyReply,
  name: string,
): FastifyReply | undefined {
  const write = Object.hasOwn(FILES, name) ? FILES[name] : undefined
  if (write === undefined) return undefined
  const type = name.endsWith('.csv') ? 'text/csv' : 'application/x-ndjson'
  return reply
    .type(`${type}; charset=utf-8`)
    .header('Content-Disposition', `attachment; filename="${name}"`)
    .header('Cache-Control', 'no-store')
    .send(Readable.from(write(server)))
}

async function* eachParticipant(
  server: StudyServer,
  write: (participant: Exported) => string,
): AsyncGenerator<string> {
  for await (const participant of exportParticipants(server.pool, server.tables)) {
    const text = write(participant)
    if (text !== '') yield text
  }
}

const dataFile = (server: StudyServer, name: DataFile): AsyncGenerator<string> =>
  eachParticipant(server, (participant) => rowsOf(participant)[name].text)

/** Goes over the participants twice: the header names all measures before the first row. */
async function* tidyFile(server: StudyServer): AsyncGenerator<string> {
  const measures = new Set<string>()
  for await (const participant of exportParticipants(server.pool, server.tables)) {
    collectMeasures(measures, participant)
  }
  yield tidyHeader(measures)
  yield* eachParticipant(server, (participant) => tidyRows(measures, participant))
}
