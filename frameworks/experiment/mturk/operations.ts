import { Problem } from '@hokku/kit/problem'
import type { Pool } from '@hokku/postgres'
import { randomUUID } from 'node:crypto'
import type { Study } from '../configuration/config.ts'
import { STATUS } from '../participants/status.ts'
import { problem } from '../problems.ts'
import { bonusMark, removeBonusMark } from '../store/bonus-marks.ts'
import { ownHits, rememberHit } from '../store/hits.ts'
import { listParticipants, type Participant } from '../store/participants.ts'
import { beginPayment, endPayment, setStatus } from '../store/payments.ts'
import type { Tables } from '../store/tables.ts'
import { orderHit, type HitWishes } from './hit-order.ts'
import type { Assignment, AssignmentStatus, HIT, Marketplace } from './marketplace.ts'

/** A study and the marketplace it recruits from. */
export type Market = Readonly<{
  study: Study
  pool: Pool
  tables: Tables
  marketplace: Marketplace
}>

/** What came of one operation on one thing. */
export type Outcome = Readonly<{
  operation: string
  isSuccess: boolean
  message?: string
  exception?: string
  data: Readonly<Record<string, unknown>>
}>

/** Runs one operation; what the marketplace refuses is an outcome, not a failure of the rest. */
export async function attempt(
  operation: string,
  data: Readonly<Record<string, unknown>>,
  act: () => Promise<string | void>,
): Promise<Outcome> {
  try {
    const message = await act()
    return { operation, isSuccess: true, data, ...(message === undefined ? {} : { message }) }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { operation, isSuccess: false, data, exception: error.message }
  }
}

/** Creates a HIT and notes that it is this study's. */
export async function createHit(market: Market, wishes: HitWishes): Promise<HIT> {
  const order = orderHit(market.study, market.marketplace.mode, { token: randomUUID(), ...wishes })
  const hit = await market.marketplace.createHit(order)
  await rememberHit(market.pool, market.tables, hit.HITId ?? '')
  return hit
}

/** HITs of this study, or of all studies of the account, newest first. */
export async function listHits(market: Market, allStudies = false): Promise<HIT[]> {
  const own = await ownHits(market.pool, market.tables)
  const hits: HIT[] = []
  for await (const hit of market.marketplace.hits()) {
    if (allStudies || own.has(hit.HITId ?? '')) hits.push(hit)
  }
  return hits
}

/** Submissions that wait for a judgement. */
export const waitingFor = (hit: HIT): number =>
  (hit.MaxAssignments ?? 0) -
  (hit.NumberOfAssignmentsCompleted ?? 0) -
  (hit.NumberOfAssignmentsPending ?? 0) -
  (hit.NumberOfAssignmentsAvailable ?? 0)

export const isExpired = (hit: HIT): boolean => (hit.Expiration?.getTime() ?? 0) <= Date.now()

/** Workers can still take it. */
export const isOpen = (hit: HIT): boolean => hit.HITStatus === 'Assignable'

/** Over, with everything judged. */
export const isDeletable = (hit: HIT): boolean =>
  hit.HITStatus === 'Reviewable' && waitingFor(hit) === 0

export const expireHit = (market: Market, hitId: string): Promise<Outcome> =>
  attempt('expire hit', { hitId }, () =>
    market.marketplace.expire(hitId, new Date(Date.now() - LONG_AGO_MS)),
  )

/** Any time in the past ends a HIT; the original says thirty days. */
const LONG_AGO_MS = 30 * 24 * 3600 * 1000

export const deleteHit = (market: Market, hitId: string): Promise<Outcome> =>
  attempt('delete hit', { hitId }, () => market.marketplace.deleteHit(hitId))

export async function extendHit(
  market: Market,
  hitId: string,
  more: Readonly<{ assignments?: number; minutes?: number }>,
): Promise<Outcome> {
  return attempt('extend hit', { hitId, ...more }, async () => {
    const hit = await market.marketplace.hit(hitId)
    if (hit === undefined) throw problem('hit_not_found', `There is no HIT ${hitId}.`)
    if (more.assignments)
      await market.marketplace.addAssignments(hitId, more.assignments, randomUUID())
    if (more.minutes) {
      const until = (hit.Expiration?.getTime() ?? Date.now()) + more.minutes * 60_000
      await market.marketplace.expire(hitId, new Date(until))
    }
  })
}

/** Participants of this study whom an operation may concern, in the marketplace's current mode. */
export const candidates = (
  market: Market,
  filter: Readonly<{
    status: readonly number[]
    hitIds?: readonly string[] | undefined
    assignmentIds?: readonly string[] | undefined
  }>,
): Promise<Participant[]> =>
  listParticipants(market.pool, market.tables, { ...filter, mode: market.marketplace.mode })

/** Assignments that wait for a judgement, of all HITs of the study or of some. */
export async function submittedIds(market: Market, hitIds?: readonly string[]): Promise<string[]> {
  const found = await candidates(market, { status: [STATUS.submitted], hitIds })
  return [...new Set(found.map((one) => one.assignmentid))]
}

/**
 * Approves one assignment of any worker, and notes it at that participant: a failed
 * submission can leave two participants with one assignment.
 */
export const approve = (
  market: Market,
  assignmentId: string,
  overridesRejection = false,
): Promise<Outcome> =>
  attempt(overridesRejection ? 'unreject' : 'approve', { assignmentId }, async () => {
    const assignment = await submitted(market, assignmentId)
    if (assignment.AssignmentStatus !== 'Approved') {
      await approveOnce(market, assignmentId, overridesRejection)
    }
    await setStatus(
      market.pool,
      market.tables,
      `${assignment.WorkerId}:${assignmentId}`,
      STATUS.credited,
    )
  })

/** A refusal of what an earlier try has achieved is none. */
async function approveOnce(market: Market, id: string, overridesRejection: boolean) {
  try {
    await market.marketplace.approve(id, overridesRejection)
  } catch (error) {
    const now = await market.marketplace.assignment(id)
    if (now?.AssignmentStatus !== 'Approved') throw error
  }
}

export const reject = (market: Market, assignmentId: string): Promise<Outcome> =>
  attempt('reject', { assignmentId }, async () => {
    await submitted(market, assignmentId)
    await market.marketplace.reject(assignmentId)
  })

async function submitted(market: Market, assignmentId: string) {
  const assignment = await market.marketplace.assignment(assignmentId)
  if (assignment?.WorkerId === undefined) {
    throw problem('hit_not_found', `Mechanical Turk knows no submitted assignment ${assignmentId}.`)
  }
  return assignment
}

/** Assignments in one state at the marketplace, of several HITs. */
export async function assignmentsOf(
  market: Market,
  hitIds: readonly string[],
  status: AssignmentStatus,
): Promise<Assignment[]> {
  const found: Assignment[] = []
  for (const hitId of hitIds) {
    for await (const one of market.marketplace.assignments(hitId, status)) found.push(one)
  }
  return found
}

/** What a payment needs to know of a participant, of this study or of another. */
export type BonusReceiver = Pick<
  Participant,
  'uniqueid' | 'assignmentid' | 'workerid' | 'bonus' | 'status'
>

export type BonusWishes = Readonly<{
  /** Dollars; undefined: what the study computed for each participant. */
  amount: number | undefined
  reason: string
  /** Pay those who already got a bonus again. */
  again: boolean
}>

/** Pays a participant a bonus, once: an interrupted payment is repeated under its old token. */
export function payBonus(
  market: Market,
  participant: BonusReceiver,
  wishes: BonusWishes,
): Promise<Outcome> {
  const { uniqueid: uniqueId, assignmentid: assignmentId } = participant
  const amount = (wishes.amount ?? participant.bonus).toFixed(2)
  return attempt('bonus', { assignmentId, uniqueId, amount }, async () => {
    if (participant.status === STATUS.bonused && !wishes.again)
      return 'bonus was paid before; skipped'
    if (wishes.amount === undefined) {
      await requireSound(market, participant)
      if (Number(amount) <= 0) return 'bonus is 0; skipped'
    }
    const assignment = await submitted(market, assignmentId)
    if (assignment.WorkerId !== participant.workerid) {
      throw problem(
        'mturk_refused',
        `${assignmentId} was submitted by another worker than ${participant.workerid}.`,
      )
    }
    const payment = { uniqueId, amount, reason: wishes.reason }
    const token = await beginPayment(market.pool, market.tables, payment)
    await market.marketplace.bonus({
      workerId: participant.workerid,
      assignmentId,
      amount,
      reason: wishes.reason,
      token,
    })
    await endPayment(market.pool, market.tables, token, uniqueId)
    // A person who names the amount has looked at it.
    if (wishes.amount !== undefined) await removeBonusMark(market.pool, market.tables, uniqueId)
    return undefined
  })
}

/**
 * A bonus that the study computed is paid only if nothing speaks against it.
 *
 * @throws Problem `bonus_doubtful` with the reason
 */
async function requireSound(
  { study, pool, tables }: Market,
  { uniqueid, assignmentid, bonus }: BonusReceiver,
): Promise<void> {
  const { max_bonus } = study.settings.task
  const reason =
    (await bonusMark(pool, tables, uniqueid)) ??
    (Number.isFinite(bonus) ? undefined : `the bonus is ${bonus}`) ??
    (bonus < 0 ? `the bonus is negative: ${bonus}` : undefined) ??
    (bonus > max_bonus ? `the bonus is ${bonus}, and max_bonus is ${max_bonus}` : undefined)
  if (reason === undefined) return
  throw problem(
    'bonus_doubtful',
    `${uniqueid} was not paid: ${reason}. Look at the participant, then pay an amount of your own: psiturk worker bonus --amount X ${assignmentid}`,
  )
}
