import { isDebugId, STATUS } from './status.ts'

/** What is asked of a participant's earlier rows to decide whether they may take part. */
export type Row = Readonly<{
  uniqueid: string
  assignmentid: string
  workerid: string
  hitid: string
  status: number
  condition: number
  counterbalance: number
  /** Minutes since the participant started; absent if no one has. */
  minutes?: number | null
}>

export type Identity = Readonly<{ hitId: string; assignmentId: string; workerId: string }>

export const uniqueIdOf = ({ workerId, assignmentId }: Identity): string =>
  `${workerId}:${assignmentId}`

export type AdDecision =
  | Readonly<{ show: 'ad' | 'thanks' }>
  | Readonly<{ show: 'error'; error: ErrorKey }>

export type ErrorKey =
  | 'status_incorrectly_set'
  | 'hit_assign_appears_in_database_more_than_once'
  | 'already_started_exp'
  | 'already_started_exp_mturk'
  | 'already_did_exp_hit'

/**
 * What a visitor of the ad page gets to see.
 *
 * @param rows all rows of this worker; none if the marketplace did not say who it is
 */
export function decideAd(
  identity: Identity,
  rows: readonly Row[],
  allowRepeats: boolean,
  resumeMinutes = 0,
): AdDecision {
  const isDebug = isDebugId(identity.hitId)
  const hasOther = rows.some((row) => row.assignmentid !== identity.assignmentId)
  const own = rows.filter(
    (row) => row.assignmentid === identity.assignmentId && row.hitid === identity.hitId,
  )
  const [only] = own.length === 1 ? own : []
  if (only !== undefined && mayResume(only, resumeMinutes)) return { show: 'ad' }
  const status = only?.status
  if ((status === STATUS.started || status === STATUS.quitEarly) && !isDebug) {
    return refuse('already_started_exp_mturk')
  }
  if (status === STATUS.completed || (status === STATUS.submitted && !hasOther)) {
    return { show: 'thanks' }
  }
  if (hasOther && !isDebug && !allowRepeats) return refuse('already_did_exp_hit')
  if (isDebug || status === undefined || status === STATUS.allocated) return { show: 'ad' }
  return refuse('status_incorrectly_set')
}

export type ArrivalDecision =
  | Readonly<{ do: 'allocate' }>
  | Readonly<{ do: 'return'; row: Row }>
  | Readonly<{ do: 'refuse'; error: ErrorKey }>

/**
 * Whether someone who opens the experiment is new, comes back, or is refused.
 *
 * @param rows all rows of this worker
 */
export function decideArrival(
  identity: Identity,
  rows: readonly Row[],
  allowRepeats: boolean,
  resumeMinutes = 0,
): ArrivalDecision {
  const same = rows.filter((row) => row.assignmentid === identity.assignmentId)
  const hasOther = same.length < rows.length
  if (hasOther && !allowRepeats) return { do: 'refuse', error: 'already_did_exp_hit' }
  if (same.length > 1) {
    return { do: 'refuse', error: 'hit_assign_appears_in_database_more_than_once' }
  }
  const [row] = same
  if (row === undefined) return { do: 'allocate' }
  if (mayResume(row, resumeMinutes)) return { do: 'return', row }
  if (row.status >= STATUS.started && !isDebugId(identity.hitId)) {
    return { do: 'refuse', error: 'already_started_exp' }
  }
  return { do: 'return', row }
}

/** Loading the page again looks like leaving to the browser; it need not end the study. */
const mayResume = ({ status, minutes }: Row, resumeMinutes: number): boolean =>
  (status === STATUS.started || status === STATUS.quitEarly) &&
  typeof minutes === 'number' &&
  minutes < resumeMinutes

const refuse = (error: ErrorKey): AdDecision => ({ show: 'error', error })
