import { adAddress } from '../../configuration/ad-address.ts'
import { costOf } from '../../mturk/hit-order.ts'
import type { HIT } from '../../mturk/marketplace.ts'
import {
  createHit,
  deleteHit,
  expireHit,
  extendHit,
  isDeletable,
  isExpired,
  listHits,
  type Market,
} from '../../mturk/operations.ts'
import { problem } from '../../problems.ts'
import { outcomeLine, runEach, withMarket } from '../market.ts'
import type { Session } from '../session.ts'
import { parseOptions, type Parsed } from '../words.ts'

/** `psiturk hit create|extend|expire|delete|list`. */
export async function hit(session: Session, words: readonly string[]): Promise<number> {
  const [action = 'help', ...rest] = words
  const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
  if (act === undefined)
    throw problem('command_unknown', `hit ${action} is not known.`, { hint: USAGE })
  return act(session, rest)
}

const USAGE = `hit create [<workers> <reward> <hours>] [--require-qualification-id ID]... [--block-qualification-id ID]...
hit extend <HITid> [--assignments N] [--expiration MINUTES]
hit expire (--all | HITid...)
hit delete (--all | HITid...) [--all-studies]
hit list [--active | --reviewable] [--all-studies]`

const ACTIONS: Readonly<
  Record<string, (session: Session, words: readonly string[]) => Promise<number>>
> = {
  create,
  extend,
  expire,
  delete: remove,
  list,
  help: async (session) => {
    session.print(USAGE)
    return 0
  },
}

async function create(session: Session, words: readonly string[]): Promise<number> {
  const options = {
    '--require-qualification-id': 'one',
    '--block-qualification-id': 'one',
  } as const
  const parsed = parseOptions(words, options, 3)
  const wishes = await readWishes(session, parsed.words)
  // Before anything is asked of Mechanical Turk: a HIT without an address cannot be shown.
  const address = adAddress(session.study.settings.hit)
  if (!session.isQuiet) {
    session.print(sumLines(wishes).join('\n'))
    const answer = await session.ask(`Create ${session.mode} HIT [y/n]? `)
    if (!/^y/i.test(answer)) {
      session.print('*** Cancelling creation of HIT.')
      return 0
    }
  }
  const created = await withMarket(session, (market) =>
    createHit(market, {
      ...wishes,
      requireQuals: parsed.values.get('--require-qualification-id') ?? [],
      blockQuals: parsed.values.get('--block-qualification-id') ?? [],
    }),
  )
  session.print(createdLines(session, created.HITId ?? '', wishes, address).join('\n'))
  return 0
}

type Wishes = Readonly<{ workers: number; reward: string; durationHours: number }>

async function readWishes(session: Session, words: readonly string[]): Promise<Wishes> {
  const questions = ['number of participants? ', 'reward per HIT? ', 'duration of hit (in hours)? ']
  const given = [...words]
  for (const question of questions.slice(given.length)) {
    if (session.isQuiet)
      throw problem('argument_invalid', 'hit create needs <workers> <reward> <hours>.')
    // oxlint-disable-next-line no-await-in-loop -- one question after the other
    given.push((await session.ask(question)).trim())
  }
  const [workers = '', reward = '', hours = ''] = given
  if (!/^[1-9]\d{0,8}$/.test(workers)) {
    throw problem(
      'argument_invalid',
      '*** number of participants must be a whole number greater than 0',
    )
  }
  if (!/^\d{1,6}\.\d\d$/.test(reward)) {
    throw problem('argument_invalid', '*** reward must have format [dollars].[cents]')
  }
  if (!/^\d{0,4}(\.\d+)?$/.test(hours) || !(Number(hours) > 0)) {
    throw problem('argument_invalid', '*** duration must be a number of hours greater than 0')
  }
  return { workers: Number(workers), reward, durationHours: Number(hours) }
}

const RULE = '*'.repeat(29)

function sumLines({ workers, reward, durationHours }: Wishes): string[] {
  const { fee, total } = costOf(workers, reward)
  const hours = Number.isInteger(durationHours) ? durationHours.toFixed(1) : String(durationHours)
  return [
    `    Max workers: ${workers}`,
    `    Reward: $${reward}`,
    `    Duration: ${hours} hours`,
    `    Fee: $${fee.toFixed(2)}`,
    '    ________________________',
    `    Total: $${total.toFixed(2)}`,
  ]
}

function createdLines(session: Session, hitId: string, wishes: Wishes, address: string): string[] {
  const { title } = session.study.settings.hit
  const site = session.mode === 'live' ? 'worker' : 'workersandbox'
  const debug = `debug${hitId.slice(-6)}`
  const search = `projects?filters%5Bsearch_term%5D=${encodeURIComponent(title).replaceAll('%20', '+')}`
  return [
    RULE,
    `  Created ${session.mode} HIT`,
    `    HITid: ${hitId}`,
    ...sumLines(wishes),
    `  Ad URL: ${address}?mode=${session.mode}&assignmentId=${debug}&hitId=${debug}&workerId=${debug}`,
    '  Note: this address is only for testing the ad; workers arrive by Mechanical Turk.',
    `  MTurk URL: https://${site}.mturk.com/${search}`,
    RULE,
  ]
}

async function extend(session: Session, words: readonly string[]): Promise<number> {
  const parsed = parseOptions(words, { '--assignments': 'one', '--expiration': 'one' }, 1)
  const [hitId] = parsed.words
  const number = (name: string): number => readCount(name, parsed.values.get(name)?.[0])
  if (hitId === undefined)
    throw problem('argument_invalid', 'hit extend needs a HIT id.', { hint: USAGE })
  const more = { assignments: number('--assignments'), minutes: number('--expiration') }
  if (more.assignments + more.minutes === 0) {
    throw problem('argument_invalid', 'hit extend needs --assignments or --expiration.', {
      hint: USAGE,
    })
  }
  const outcome = await withMarket(session, (market) => extendHit(market, hitId, more))
  session.print(outcomeLine(outcome))
  return outcome.isSuccess ? 0 : 1
}

function readCount(name: string, text: string | undefined): number {
  if (text === undefined) return 0
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw problem('argument_invalid', `${name} must be a whole number greater than 0, not ${text}.`)
}

function expire(session: Session, words: readonly string[]): Promise<number> {
  const parsed = parseOptions(words, { '--all': 'flag' })
  onlyOne(parsed)
  return withMarket(session, async (market) => {
    const ids = parsed.flags.has('--all')
      ? (await listHits(market)).filter(isActive).map(idOf)
      : needIds(parsed)
    return runEach(session, ids, (hitId) => expireHit(market, hitId))
  })
}

function remove(session: Session, words: readonly string[]): Promise<number> {
  const parsed = parseOptions(words, { '--all': 'flag', '--all-studies': 'flag' })
  onlyOne(parsed)
  return withMarket(session, async (market) => {
    const ids = parsed.flags.has('--all') ? await deletable(market, parsed) : needIds(parsed)
    return runEach(session, ids, (hitId) => deleteHit(market, hitId))
  })
}

async function deletable(market: Market, parsed: Parsed): Promise<string[]> {
  const hits = await listHits(market, parsed.flags.has('--all-studies'))
  return hits.filter(isDeletable).map(idOf)
}

function list(session: Session, words: readonly string[]): Promise<number> {
  const options = { '--active': 'flag', '--reviewable': 'flag', '--all-studies': 'flag' } as const
  const { flags } = parseOptions(words, options, 0)
  return withMarket(session, async (market) => {
    const hits = (await listHits(market, flags.has('--all-studies'))).filter(
      (one) =>
        (!flags.has('--active') || isActive(one)) &&
        (!flags.has('--reviewable') || one.HITStatus === 'Reviewable'),
    )
    if (hits.length === 0) session.print('*** no hits retrieved')
    for (const one of hits) session.print(hitLines(one).join('\n'))
    return 0
  })
}

const isActive = (one: HIT): boolean => !isExpired(one)
const idOf = (one: HIT): string => one.HITId ?? ''

/** All, or some: both in one line is a slip that must not delete what was not meant. */
function onlyOne({ flags, words }: Parsed): void {
  if (flags.has('--all') && words.length > 0)
    throw problem('argument_invalid', 'Say either --all or ids of HITs.', { hint: USAGE })
}

function needIds(parsed: Parsed): readonly string[] {
  if (parsed.words.length > 0) return parsed.words
  throw problem('argument_invalid', 'Say which HITs: --all, or their ids.', { hint: USAGE })
}

function hitLines(one: HIT): string[] {
  const { MaxAssignments: max = 0, NumberOfAssignmentsPending: pending = 0 } = one
  const { NumberOfAssignmentsCompleted: complete = 0, NumberOfAssignmentsAvailable: remain = 0 } =
    one
  return [
    one.Title ?? '',
    `\tStatus: ${one.HITStatus ?? ''}`,
    `\tHITid: ${idOf(one)}`,
    `\tmax:${max}/pending:${pending}/complete:${complete}/remain:${remain}`,
    `\tCreated: ${one.CreationTime?.toISOString() ?? ''}`,
    `\tExpires: ${one.Expiration?.toISOString() ?? ''}`,
    `\tIs Expired: ${isExpired(one) ? 'True' : 'False'}`,
    '',
  ]
}
