import { type Call, misuse } from '@hokku/kit/command-line'
import {
  assignmentsOf,
  candidates,
  payBonus,
  type BonusReceiver,
  type Market,
} from '../../mturk/operations.ts'
import { STATUS } from '../../participants/status.ts'
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

const OPTIONS = {
  amount: { type: 'string', placeholder: 'X', description: 'Dollars for each, such as 0.50.' },
  auto: { type: 'boolean', description: 'Pays each worker what the study computed.' },
  reason: { type: 'string', placeholder: 'TEXT', description: 'What the workers read.' },
  ...ALL,
  ...HITS,
  'override-bonused-status': {
    type: 'boolean',
    description: 'Also pays workers who have a bonus already.',
  },
  ...ALL_STUDIES,
} as const

export const command = psiturkCommand({
  summary: 'Pays workers a bonus.',
  usage:
    '(--amount X | --auto) [--reason TEXT] (--all | --hit ID... | ASSIGNMENT...) [--override-bonused-status] [--all-studies]',
  examples: ['psiturk worker bonus --auto --all', 'psiturk worker bonus --amount 0.50 --hit ID'],
  arguments: ASSIGNMENTS,
  options: {
    ...OPTIONS,
    reason: { ...OPTIONS.reason, defaultText: 'bonus_message of config.txt' },
  },
  run: (session, { arguments: { assignments }, options }) =>
    payAll(session, { ...options, hits: options.hit, assignments }),
})

type BonusCall = Call<typeof OPTIONS, never>['options'] & Targets

async function payAll(session: Session, call: BonusCall): Promise<number> {
  checkTargets(call)
  const again = call['override-bonused-status']
  const amount = readAmount(call)
  const reason = await readReason(session, call)
  return await withMarket(session, async (market) => {
    const found = await receivers(market, call, again)
    if (found.length === 0) session.print('*** no workers match your request')
    return runEach(session, found, (one) => payBonus(market, one, { amount, reason, again }))
  })
}

function readAmount({ auto, amount, 'all-studies': allStudies }: BonusCall): number | undefined {
  if (auto) {
    if (amount !== undefined) throw misuse('Give either --amount or --auto')
    if (!allStudies) return undefined
    throw misuse('--auto knows only what this study computed: give --amount for other studies')
  }
  if (amount !== undefined && /^\d{1,4}(\.\d{1,2})?$/.test(amount) && Number(amount) > 0) {
    return Number(amount)
  }
  throw misuse('Give the amount: --amount 0.50, or --auto for what the study computed')
}

async function readReason(session: Session, call: BonusCall): Promise<string> {
  const given = call.reason ?? ''
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
  throw misuse('A bonus needs a reason: --reason, or bonus_message in config.txt')
}

async function receivers(
  market: Market,
  call: BonusCall,
  again: boolean,
): Promise<readonly BonusReceiver[]> {
  const { all, assignments } = call
  const hitIds = all ? undefined : call.hits
  if (call['all-studies']) return ofAllStudies(market, call)
  const status = [STATUS.credited, ...(again ? [STATUS.bonused] : [])]
  if (assignments.length === 0) return candidates(market, { status, hitIds })
  // By id also those who were paid: the outcome then says so.
  const anyPaid = [STATUS.credited, STATUS.bonused]
  return candidates(market, { status: anyPaid, assignmentIds: assignments })
}

/** Whose work was approved anywhere in the account; those of this study with what is known of them. */
async function ofAllStudies(
  market: Market,
  { all, hits, assignments: words }: BonusCall,
): Promise<readonly BonusReceiver[]> {
  if (all) throw misuse('A bonus for all studies needs --hit or ids of assignments')
  const assignments =
    words.length > 0
      ? await Promise.all(words.map((id) => market.marketplace.assignment(id)))
      : await assignmentsOf(market, hits, 'Approved')
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
