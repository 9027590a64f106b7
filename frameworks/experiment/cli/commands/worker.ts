import { misuse } from '@hokku/kit/command-line'
import {
  approve,
  assignmentsOf,
  listHits,
  reject,
  submittedIds,
  type Market,
} from '../../mturk/operations.ts'
import { psiturkCommand } from '../host.ts'
import { runEach, withMarket } from '../market.ts'
import type { Session } from '../session.ts'
import {
  ALL,
  ALL_STUDIES,
  ASSIGNMENTS,
  checkTargets,
  HITS,
  type Targets,
} from './worker-targets.ts'

export const approval = psiturkCommand({
  summary: 'Approves submissions, which pays their workers.',
  usage: '(--all | --hit ID... | ASSIGNMENT...) [--all-studies] [--force]',
  arguments: ASSIGNMENTS,
  options: {
    ...ALL,
    ...HITS,
    ...ALL_STUDIES,
    force: { type: 'boolean', description: 'Confirms --all together with --all-studies.' },
  },
  run: (session, { arguments: { assignments }, options }) => {
    const { all, hit: hits, 'all-studies': allStudies } = options
    if (all && allStudies && !options.force) {
      throw misuse('--all --all-studies concerns every study of the account: add --force')
    }
    const wish: Wish = { all, hits, assignments, allStudies, status: 'Submitted' }
    checkTargets(wish)
    if (all && !allStudies) session.print('Approving all submissions for the current study...')
    return review(session, wish, (market, id) => approve(market, id))
  },
})

/** There is no --all: it would reject all work of a study, and the original cannot undo that. */
export const rejection = psiturkCommand({
  summary: 'Rejects submissions: their workers are not paid.',
  details: 'Name the HITs or the assignments; there is no --all.',
  usage: '(--hit ID... | ASSIGNMENT...) [--all-studies]',
  arguments: ASSIGNMENTS,
  options: { ...HITS, ...ALL_STUDIES },
  run: (session, { arguments: { assignments }, options }) => {
    const { hit: hits, 'all-studies': allStudies } = options
    const wish: Wish = { all: false, hits, assignments, allStudies, status: 'Submitted' }
    checkTargets(wish)
    return review(session, wish, reject)
  },
})

export const revocation = psiturkCommand({
  summary: 'Approves work that was rejected.',
  details: 'Name the HITs or the assignments; there is no --all.',
  usage: '(--hit ID... | ASSIGNMENT...) [--all-studies]',
  arguments: ASSIGNMENTS,
  options: { ...HITS, ...ALL_STUDIES },
  run: (session, { arguments: { assignments }, options }) => {
    const { hit: hits, 'all-studies': allStudies } = options
    const wish: Wish = { all: false, hits, assignments, allStudies, status: 'Rejected' }
    checkTargets(wish)
    return review(session, wish, (market, id) => approve(market, id, true))
  },
})

type Wish = Targets & Readonly<{ allStudies: boolean; status: 'Submitted' | 'Rejected' }>

function review(
  session: Session,
  wish: Wish,
  act: (market: Market, assignmentId: string) => ReturnType<typeof approve>,
): Promise<number> {
  return withMarket(session, async (market) => {
    const ids = await assignmentIds(market, wish)
    if (ids.length === 0) session.print('*** no workers match your request')
    return runEach(session, ids, (id) => act(market, id))
  })
}

/** Which assignments are meant; only those of the HITs that were named. */
async function assignmentIds(market: Market, wish: Wish): Promise<readonly string[]> {
  const { assignments, allStudies, status } = wish
  if (assignments.length > 0) return assignments
  const hits = wish.all ? undefined : wish.hits
  // What was rejected is only known at the marketplace.
  if (allStudies || status === 'Rejected') {
    const hitIds = hits ?? (await listHits(market, allStudies)).map((hit) => hit.HITId ?? '')
    return (await assignmentsOf(market, hitIds, status)).map((one) => one.AssignmentId ?? '')
  }
  return submittedIds(market, hits)
}
