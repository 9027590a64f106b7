import { misuse } from '@hokku/kit/command-line'
import { assignmentsOf, candidates, listHits, type Market } from '../../mturk/operations.ts'
import { STATUS } from '../../participants/status.ts'
import { listParticipants } from '../../store/participants.ts'
import { psiturkCommand } from '../host.ts'
import { withMarket } from '../market.ts'
import { ALL_STUDIES, HITS } from './worker-targets.ts'

export const command = psiturkCommand({
  summary: 'Lists the workers who took part, as JSON.',
  usage: '[--submitted | --approved | --rejected] [--hit ID...] [--all-studies]',
  options: {
    submitted: { type: 'boolean', description: 'Only workers whose work waits for review.' },
    approved: { type: 'boolean', description: 'Only workers whose work is approved.' },
    rejected: { type: 'boolean', description: 'Only workers whose work is rejected.' },
    ...HITS,
    ...ALL_STUDIES,
  },
  run: (session, { options }) => {
    const wanted = STATUSES.filter((status) => options[NAMES[status]])
    if (wanted.length > 1) {
      throw misuse(`Give only one of: ${wanted.map((status) => `--${NAMES[status]}`).join(', ')}`)
    }
    const allStudies = options['all-studies']
    return withMarket(session, async (market) => {
      const isRemote = allStudies || options.rejected
      const hits = options.hit.length === 0 ? undefined : options.hit
      const rows = isRemote
        ? await remoteRows(market, wanted.length === 0 ? STATUSES : wanted, { hits, allStudies })
        : await candidates(market, { status: localStatus(wanted[0]), hitIds: hits })
      const none = '*** no workers match your request'
      session.print(rows.length === 0 ? none : JSON.stringify(rows, undefined, 4))
      return 0
    })
  },
})

/** Mechanical Turk's words for the states of an assignment. */
const STATUSES = ['Submitted', 'Approved', 'Rejected'] as const
type Status = (typeof STATUSES)[number]
const NAMES = { Submitted: 'submitted', Approved: 'approved', Rejected: 'rejected' } as const

function localStatus(status: Status | undefined): readonly number[] {
  if (status === 'Submitted') return [STATUS.submitted]
  if (status === 'Approved') return [STATUS.credited]
  return Object.values(STATUS)
}

type Where = Readonly<{ hits: readonly string[] | undefined; allStudies: boolean }>

async function remoteRows(
  market: Market,
  wanted: readonly Status[],
  { hits, allStudies }: Where,
): Promise<object[]> {
  const hitIds = hits ?? (await listHits(market, allStudies)).map((hit) => hit.HITId ?? '')
  const known = new Map(
    (await listParticipants(market.pool, market.tables)).map((one) => [one.uniqueid, one.bonus]),
  )
  const rows: object[] = []
  for (const status of wanted) {
    // oxlint-disable-next-line no-await-in-loop -- one listing after the other
    for (const one of await assignmentsOf(market, hitIds, status)) {
      rows.push({
        hitId: one.HITId,
        assignmentId: one.AssignmentId,
        workerId: one.WorkerId,
        submit_time: one.SubmitTime?.toISOString(),
        accept_time: one.AcceptTime?.toISOString(),
        status: one.AssignmentStatus,
        bonus: known.get(`${one.WorkerId}:${one.AssignmentId}`) ?? 'not-found-in-study-database',
      })
    }
  }
  return rows
}
