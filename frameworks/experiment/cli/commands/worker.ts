import {
  approve,
  assignmentsOf,
  candidates,
  listHits,
  reject,
  submittedIds,
  type Market,
} from '../../mturk/operations.ts'
import { STATUS } from '../../participants/status.ts'
import { problem } from '../../problems.ts'
import { listParticipants } from '../../store/participants.ts'
import { runEach, withMarket } from '../market.ts'
import type { Session } from '../session.ts'
import { parseOptions, type Parsed } from '../words.ts'
import { bonus } from './worker-bonus.ts'
import { onlyOneTarget, TARGETS } from './worker-targets.ts'

/** `psiturk worker approve|reject|unreject|bonus|list`. */
export async function worker(session: Session, words: readonly string[]): Promise<number> {
  const [action = 'help', ...rest] = words
  const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
  if (act === undefined)
    throw problem('command_unknown', `worker ${action} is not known.`, { hint: USAGE })
  return act(session, rest)
}

const USAGE = `worker approve (--all | --hit ID... | ASSIGNMENT...) [--all-studies] [--force]
worker reject (--hit ID... | ASSIGNMENT...) [--all-studies]
worker unreject (--hit ID... | ASSIGNMENT...) [--all-studies]
worker bonus (--amount X | --auto) [--reason TEXT] (--all | --hit ID... | ASSIGNMENT...) [--override-bonused-status] [--all-studies]
worker list [--submitted | --approved | --rejected] [--hit ID...] [--all-studies]`

const ACTIONS: Readonly<
  Record<string, (session: Session, words: readonly string[]) => Promise<number>>
> = {
  approve: (session, words) =>
    judge(session, words, 'Submitted', (market, id) => approve(market, id)),
  reject: (session, words) => judge(session, withoutAll(words), 'Submitted', reject),
  unreject: (session, words) =>
    judge(session, withoutAll(words), 'Rejected', (market, id) => approve(market, id, true)),
  bonus,
  list,
  help: async (session) => {
    session.print(USAGE)
    return 0
  },
}

/** Rejecting everybody by one word is nobody's wish, and the original cannot take it back so. */
function withoutAll(words: readonly string[]): readonly string[] {
  if (!words.includes('--all')) return words
  throw problem(
    'argument_invalid',
    'Rejecting and taking it back have no --all: name the HITs or assignments.',
  )
}

type Judged = 'Submitted' | 'Rejected'

function judge(
  session: Session,
  words: readonly string[],
  status: Judged,
  act: (market: Market, assignmentId: string) => ReturnType<typeof approve>,
): Promise<number> {
  const parsed = parseOptions(words, { ...TARGETS, '--force': 'flag' })
  onlyOneTarget(parsed)
  const allStudies = parsed.flags.has('--all-studies')
  if (parsed.flags.has('--all') && allStudies && !parsed.flags.has('--force')) {
    throw problem(
      'argument_invalid',
      '--all --all-studies concerns every study of the account: add --force.',
    )
  }
  if (parsed.flags.has('--all') && !allStudies && status === 'Submitted') {
    session.print('Approving all submissions for the current study...')
  }
  return withMarket(session, async (market) => {
    const ids = await assignmentIds(market, parsed, status)
    if (ids.length === 0) session.print('*** no workers match your request')
    return runEach(session, ids, (id) => act(market, id))
  })
}

/** Which assignments are meant; only those of the HITs that were named. */
async function assignmentIds(market: Market, parsed: Parsed, status: Judged): Promise<string[]> {
  const hits = parsed.values.get('--hit')
  const allStudies = parsed.flags.has('--all-studies')
  if (!parsed.flags.has('--all') && hits === undefined) {
    if (parsed.words.length > 0) return [...parsed.words]
    throw problem('argument_invalid', 'Say which workers.', { hint: USAGE })
  }
  // What was rejected is only known at the marketplace.
  if (allStudies || status === 'Rejected') {
    const hitIds = hits ?? (await listHits(market, allStudies)).map((hit) => hit.HITId ?? '')
    return (await assignmentsOf(market, hitIds, status)).map((one) => one.AssignmentId ?? '')
  }
  return submittedIds(market, hits)
}

function list(session: Session, words: readonly string[]): Promise<number> {
  const parsed = parseOptions(
    words,
    {
      '--submitted': 'flag',
      '--approved': 'flag',
      '--rejected': 'flag',
      '--hit': 'many',
      '--all-studies': 'flag',
    },
    0,
  )
  const { flags, values } = parsed
  const statuses = ['--submitted', '--approved', '--rejected'].filter((name) => flags.has(name))
  if (statuses.length > 1)
    throw problem('argument_invalid', `Say one of ${statuses.join(', ')}.`, { hint: USAGE })
  return withMarket(session, async (market) => {
    const isRemote = flags.has('--all-studies') || flags.has('--rejected')
    const rows = isRemote
      ? await remoteRows(market, parsed)
      : await candidates(market, { status: localStatus(flags), hitIds: values.get('--hit') })
    session.print(
      rows.length === 0 ? '*** no workers match your request' : JSON.stringify(rows, undefined, 4),
    )
    return 0
  })
}

function localStatus(flags: ReadonlySet<string>): readonly number[] {
  if (flags.has('--submitted')) return [STATUS.submitted]
  if (flags.has('--approved')) return [STATUS.credited]
  return Object.values(STATUS)
}

async function remoteRows(market: Market, { flags, values }: Parsed): Promise<object[]> {
  const wanted = (['Submitted', 'Approved', 'Rejected'] as const).filter((status) =>
    flags.has(`--${status.toLowerCase()}`),
  )
  const hits =
    values.get('--hit') ??
    (await listHits(market, flags.has('--all-studies'))).map((hit) => hit.HITId ?? '')
  const known = new Map(
    (await listParticipants(market.pool, market.tables)).map((one) => [one.uniqueid, one.bonus]),
  )
  const rows: object[] = []
  for (const status of wanted.length > 0
    ? wanted
    : (['Submitted', 'Approved', 'Rejected'] as const)) {
    // oxlint-disable-next-line no-await-in-loop -- one listing after the other
    for (const one of await assignmentsOf(market, hits, status)) {
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
