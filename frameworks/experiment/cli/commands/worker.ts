import { createProgress } from '@hokku/kit/command-line'
import type { Assignment } from '../../mturk/marketplace.ts'
import {
  approve,
  candidates,
  listHits,
  payBonus,
  reject,
  type Market,
} from '../../mturk/operations.ts'
import { STATUS } from '../../participants/status.ts'
import { problem } from '../../problems.ts'
import { listParticipants, type Participant } from '../../store/participants.ts'
import { runEach, withMarket } from '../market.ts'
import type { Session } from '../session.ts'
import { parseOptions, type Parsed } from '../words.ts'

/** `psiturk worker approve|reject|unreject|bonus|list`. */
export async function worker(session: Session, words: readonly string[]): Promise<number> {
  const [action = 'help', ...rest] = words
  const act = ACTIONS[action]
  if (act === undefined)
    throw problem('command_unknown', `worker ${action} is not known.`, { hint: USAGE })
  return act(session, rest)
}

const USAGE = `worker approve (--all | --hit ID... | ASSIGNMENT...) [--all-studies] [--force]
worker reject (--hit ID... | ASSIGNMENT...) [--all-studies]
worker unreject (--hit ID... | ASSIGNMENT...) [--all-studies]
worker bonus (--amount X | --auto) [--reason TEXT] (--all | --hit ID... | ASSIGNMENT...) [--override-bonused-status]
worker list [--submitted | --approved | --rejected] [--hit ID...] [--all-studies]`

const ACTIONS: Readonly<
  Record<string, (session: Session, words: readonly string[]) => Promise<number>>
> = {
  approve: (session, words) =>
    judge(session, words, 'Submitted', (market, id) => approve(market, id)),
  reject: (session, words) => judge(session, withoutAll(words), 'Submitted', reject),
  unreject: (session, words) =>
    judge(session, words, 'Rejected', (market, id) => approve(market, id, true)),
  bonus,
  list,
  help: async (session) => {
    session.print(USAGE)
    return 0
  },
}

/** Rejecting everybody by one word is nobody's wish. */
function withoutAll(words: readonly string[]): readonly string[] {
  if (!words.includes('--all')) return words
  throw problem('argument_invalid', 'worker reject has no --all: name the HITs or assignments.')
}

const TARGETS = {
  '--all': 'flag',
  '--hit': 'many',
  '--all-studies': 'flag',
  '--force': 'flag',
} as const

type Judged = 'Submitted' | 'Rejected'

function judge(
  session: Session,
  words: readonly string[],
  status: Judged,
  act: (market: Market, assignmentId: string) => ReturnType<typeof approve>,
): Promise<number> {
  const parsed = parseOptions(words, TARGETS)
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
    const progress = createProgress('Workers', ids.length)
    let done = 0
    const code = await runEach(session, ids, async (id) => {
      const outcome = await act(market, id)
      progress.update((done += 1))
      return outcome
    })
    progress.finish()
    return code
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
    return (await atMarketplace(market, hitIds, status)).map((one) => one.AssignmentId ?? '')
  }
  const found = await candidates(market, { status: [STATUS.submitted], hitIds: hits })
  return [...new Set(found.map((one) => one.assignmentid))]
}

async function atMarketplace(
  market: Market,
  hitIds: readonly string[],
  status: 'Submitted' | 'Approved' | 'Rejected',
): Promise<Assignment[]> {
  const found: Assignment[] = []
  for (const hitId of hitIds) {
    for await (const one of market.marketplace.assignments(hitId, status)) found.push(one)
  }
  return found
}

async function bonus(session: Session, words: readonly string[]): Promise<number> {
  const parsed = parseOptions(words, {
    ...TARGETS,
    '--amount': 'one',
    '--auto': 'flag',
    '--reason': 'one',
    '--override-bonused-status': 'flag',
  })
  const amount = readAmount(parsed)
  const reason = await readReason(session, parsed)
  const wishes = { amount, reason, again: parsed.flags.has('--override-bonused-status') }
  return withMarket(session, async (market) => {
    const found = await bonusCandidates(market, parsed, wishes.again)
    if (found.length === 0) session.print('*** no workers match your request')
    return runEach(session, found, (participant) => payBonus(market, participant, wishes))
  })
}

function readAmount(parsed: Parsed): number | undefined {
  if (parsed.flags.has('--auto')) return undefined
  const text = parsed.values.get('--amount')?.[0] ?? ''
  if (/^\d{1,4}(\.\d{1,2})?$/.test(text) && Number(text) > 0) return Number(text)
  throw problem(
    'argument_invalid',
    'Say how much: --amount 0.50, or --auto for what the study computed.',
  )
}

async function readReason(session: Session, parsed: Parsed): Promise<string> {
  const given = parsed.values.get('--reason')?.[0] ?? session.study.settings.shell.bonus_message
  if (given !== '') return given
  const answer = session.isQuiet ? '' : (await session.ask('Reason for the bonus? ')).trim()
  if (answer !== '') return answer
  throw problem(
    'argument_invalid',
    'A bonus needs a reason: --reason, or bonus_message in config.txt.',
  )
}

async function bonusCandidates(
  market: Market,
  parsed: Parsed,
  again: boolean,
): Promise<Participant[]> {
  const hitIds = parsed.values.get('--hit')
  const status = [STATUS.credited, ...(again ? [STATUS.bonused] : [])]
  if (parsed.flags.has('--all') || hitIds !== undefined)
    return candidates(market, { status, hitIds })
  if (parsed.words.length === 0)
    throw problem('argument_invalid', 'Say which workers.', { hint: USAGE })
  // By id also those who were paid: the outcome then says so.
  return candidates(market, {
    status: [STATUS.credited, STATUS.bonused],
    assignmentIds: parsed.words,
  })
}

function list(session: Session, words: readonly string[]): Promise<number> {
  const parsed = parseOptions(words, {
    '--submitted': 'flag',
    '--approved': 'flag',
    '--rejected': 'flag',
    '--hit': 'many',
    '--all-studies': 'flag',
  })
  const { flags, values } = parsed
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
    for (const one of await atMarketplace(market, hits, status)) {
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
