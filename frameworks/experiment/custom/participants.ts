import type { Pool } from '@hokku/postgres'
import * as z from 'zod'
import { canonicalDocument } from '../documents/canonical-document.ts'
import type { Batcher } from '@hokku/kit/batcher'
import { plainId } from '../participants/page-id.ts'
import {
  changeParticipant,
  findParticipant,
  listParticipants,
  readDocument,
  type Participant,
  type ParticipantChange,
  type ParticipantFilter,
} from '../store/participants.ts'
import type { Save, SaveOutcome } from '../store/saves.ts'
import type { Tables } from '../store/tables.ts'

/** A participant as the study's own code sees one: the row and the saved document. */
export type CustomParticipant = Participant &
  Readonly<{
    /** The document as the browser sent it; empty before the first save. */
    document: Readonly<Record<string, unknown>>
    trials: readonly Readonly<{ trialdata: Readonly<Record<string, unknown>> }>[]
    questions: Readonly<Record<string, unknown>>
  }>

export type Participants = Readonly<{
  find: (uniqueId: string) => Promise<CustomParticipant | undefined>
  /** Rows without documents, oldest first. */
  list: (filter?: ParticipantFilter) => Promise<Participant[]>
  count: (filter?: ParticipantFilter) => Promise<number>
  /** Sets bonus and status; false if there is no such participant. */
  change: (uniqueId: string, change: ParticipantChange) => Promise<boolean>
  /** Replaces the document; false if there is no such participant. */
  saveDocument: (uniqueId: string, document: object) => Promise<boolean>
}>

export function participantsApi(
  pool: Pool,
  tables: Tables,
  saves: Batcher<Save, SaveOutcome>,
): Participants {
  const list = (filter: ParticipantFilter = {}) => listParticipants(pool, tables, filter)
  return {
    list,
    count: async (filter) => (await list(filter)).length,
    find: async (id) => {
      const uniqueId = plainId(id)
      const participant = await findParticipant(pool, tables, uniqueId)
      if (participant === undefined) return undefined
      const document = readObject(await readDocument(pool, tables, uniqueId))
      return { ...participant, document, ...Parts.parse(document) }
    },
    change: (uniqueId, change) => changeParticipant(pool, tables, plainId(uniqueId), change),
    saveDocument: async (uniqueId, document) => {
      const text = canonicalDocument(JSON.stringify(document))
      return (await saves.add({ uniqueId: plainId(uniqueId), document: text })) !== 'unknown'
    },
  }
}

const Parts = z
  .object({
    data: z.array(z.object({ trialdata: z.record(z.string(), z.unknown()).catch({}) })).catch([]),
    questiondata: z.record(z.string(), z.unknown()).catch({}),
  })
  .transform(({ data, questiondata }) => ({ trials: data, questions: questiondata }))

function readObject(text: string | null | undefined): Record<string, unknown> {
  const value: unknown = text ? JSON.parse(text) : {}
  return z.record(z.string(), z.unknown()).catch({}).parse(value)
}
