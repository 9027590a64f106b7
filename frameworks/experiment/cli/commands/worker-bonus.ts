import {
  assignmentsOf,
  candidates,
  payBonus,
  type BonusReceiver,
  type Market,
} from '../../mturk/operations.ts'
import { STATUS } from '../../participants/status.ts'
import { problem } from '../../problems.ts'
import { runEach, withMarket } from '../market.ts'
import type { Session } from '../session.ts'
import { parseOptions, type Parsed } from '../words.ts'
import { onlyOneTarget, TARGETS } from './worker-targets.ts'

/** `psiturk worker bonus`: what the study computed or one amount, to all, a HIT's or single workers. */
export async function bonus(session: Session, words: readonly string[]): Promise<number> {
  const parsed = parseOptions(words, {
    ...TARGETS,
    '--amount': 'one',
    '--auto': 'flag',
    '--reason': 'one',
    '--override-bonused-status': 'flag',
  })
  onlyOneTarget(parsed)
  const amount = readAmount(parsed)
  const reason = await readReason(session, parsed)
  const wishes = { amount, reason, again: parsed.flags.has('--override-bonused-status') }
  return withMarket(session, async (market) => {
    const found = await receivers(market, parsed, wishes.again)
    if (found.length === 0) session.print('*** no workers match your request')
    return runEach(session, found, (one) => payBonus(market, one, wishes))
  })
}

function readAmount({ flags, values }: Parsed): number | undefined {
  const text = values.get('--amount')?.[0]
  if (flags.has('--auto')) {
    if (text === undefined && !flags.has('--all-studies')) return undefined
    throw problem(
      'argument_invalid',
      text === undefined
        ? 'What other studies computed is not known here: give --amount.'
        : 'Say either --amount or --auto.',
    )
  }
  if (text !== undefined && /^\d{1,4}(\.\d{1,2})?$/.test(text) && Number(text) > 0)
    return Number(text)
  throw problem(
    'argument_invalid',
    'Say how much: --amount 0.50, or --auto for what the study computed.',
  )
}

async function readReason(session: Session, parsed: Parsed): Promise<string> {
  const given = parsed.values.get('--reason')?.[0] ?? ''
  if (given !== '') return given
  const { bonus_message } = session.study.settings.shell
  if (bonus_message !== '') {
    session.print(`Using bonus \`reason\` from config file: "${bonus_message}"`)
    return bonus_message
  }
  const answer = session.isQuiet
    ? ''
    : (await session.ask('Type the reason for the bonus. Workers will see this message: ')).trim()
  if (answer !== '') return answer
  throw problem(
    'argument_invalid',
    'A bonus needs a reason: --reason, or bonus_message in config.txt.',
  )
}

async function receivers(
  market: Market,
  parsed: Parsed,
  again: boolean,
): Promise<readonly BonusReceiver[]> {
  const hitIds = parsed.values.get('--hit')
  const isAll = parsed.flags.has('--all')
  if (!isAll && hitIds === undefined && parsed.words.length === 0)
    throw problem('argument_invalid', 'Say which workers: --all, --hit ID, or assignments.')
  if (parsed.flags.has('--all-studies')) return ofAllStudies(market, parsed)
  const status = [STATUS.credited, ...(again ? [STATUS.bonused] : [])]
  if (isAll || hitIds !== undefined) return candidates(market, { status, hitIds })
  // By id also those who were paid: the outcome then says so.
  const anyPaid = [STATUS.credited, STATUS.bonused]
  return candidates(market, { status: anyPaid, assignmentIds: parsed.words })
}

/** Whose work was approved anywhere in the account; those of this study with what is known of them. */
async function ofAllStudies(
  market: Market,
  { flags, values, words }: Parsed,
): Promise<readonly BonusReceiver[]> {
  if (flags.has('--all'))
    throw problem('argument_invalid', 'A bonus for all studies needs --hit or assignments.')
  const assignments =
    words.length > 0
      ? await Promise.all(words.map((id) => market.marketplace.assignment(id)))
      : await assignmentsOf(market, values.get('--hit') ?? [], 'Approved')
  const ids = assignments.flatMap((one) => one?.AssignmentId ?? [])
  const known = await candidates(market, {
    status: [STATUS.credited, STATUS.bonused],
    assignmentIds: ids,
  })
  return assignments.flatMap((one, i): readonly BonusReceiver[] => {
    const { AssignmentId: id = words[i] ?? '', WorkerId: worker = '' } = one ?? {}
    const own = known.find((other) => other.uniqueid === `${worker}:${id}`)
    const foreign = { uniqueid: `${worker}:${id}`, assignmentid: id, workerid: worker, bonus: 0 }
    return [own ?? { ...foreign, status: STATUS.credited }]
  })
}
