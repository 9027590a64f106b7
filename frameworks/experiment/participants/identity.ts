import * as z from 'zod'
import { plainId } from './page-id.ts'

/** Length of the id columns. */
export const ID_LENGTH_MAX = 128

/** An id as the recruiting side gives it: any characters, but what the table can hold. */
const AnyId = z
  .string()
  .transform(plainId)
  .pipe(
    z
      .string()
      .max(ID_LENGTH_MAX)
      .refine((id) => !id.includes('\0')),
  )

const Id = AnyId.refine((id) => id !== '')

/** Both ids together, since they share one column. */
const hasRoom = (ids: { workerId: string; assignmentId: string }): boolean =>
  ids.workerId.length + ids.assignmentId.length + 1 <= ID_LENGTH_MAX

/** The three ids with which a participant opens a page; a study without HITs has an empty one. */
export const IdentityQuery = z
  .object({ hitId: AnyId, assignmentId: Id, workerId: Id })
  .refine(hasRoom)

export const UniqueId = Id

/** A query parameter given twice counts once, the first time, as in the original. */
export function firstOf(query: unknown): Record<string, string> {
  if (typeof query !== 'object' || query === null) return {}
  const first: Record<string, string> = {}
  for (const [name, value] of Object.entries(query)) {
    const one: unknown = Array.isArray(value) ? value[0] : value
    if (typeof one === 'string') first[name] = one
  }
  return first
}
