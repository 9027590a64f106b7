import { misuse } from '@hokku/kit/command-line'
import { adAddress } from '../../configuration/ad-address.ts'
import { costOf } from '../../mturk/hit-order.ts'
import { createHit } from '../../mturk/operations.ts'
import { psiturkCommand } from '../host.ts'
import { withMarket } from '../market.ts'
import type { Session } from '../session.ts'

/** What is left out is asked for in the shell, and an error elsewhere. */
const ARGUMENTS = {
  workers: { type: 'string', isOptional: true, description: 'How many participants to recruit.' },
  reward: { type: 'string', isOptional: true, description: 'Dollars for each, such as 0.50.' },
  hours: {
    type: 'string',
    isOptional: true,
    description: 'How many hours a worker may take after accepting the HIT.',
  },
} as const

export const command = psiturkCommand({
  summary: 'Creates a HIT for the study on Mechanical Turk, or in its sandbox.',
  usage:
    '[<workers> <reward> <hours>] [--require-qualification-id ID]... [--block-qualification-id ID]...',
  examples: ['psiturk hit create 3 0.50 24'],
  arguments: ARGUMENTS,
  options: {
    'require-qualification-id': {
      type: 'string',
      isRepeated: true,
      placeholder: 'ID',
      description: 'Admits only workers who have this qualification.',
    },
    'block-qualification-id': {
      type: 'string',
      isRepeated: true,
      placeholder: 'ID',
      description: 'Admits only workers who do not have this qualification.',
    },
  },
  run: async (session, { arguments: args, options }) => {
    const words = [args.workers, args.reward, args.hours].filter((word) => word !== undefined)
    return await create(session, words, {
      requireQuals: options['require-qualification-id'],
      blockQuals: options['block-qualification-id'],
    })
  },
})

type Qualifications = Readonly<{ requireQuals: readonly string[]; blockQuals: readonly string[] }>

async function create(
  session: Session,
  words: readonly string[],
  qualifications: Qualifications,
): Promise<number> {
  const wishes = await readWishes(session, words)
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
    createHit(market, { ...wishes, ...qualifications }),
  )
  session.print(createdLines(session, created.HITId ?? '', wishes, address).join('\n'))
  return 0
}

type Wishes = Readonly<{ workers: number; reward: string; durationHours: number }>

async function readWishes(session: Session, words: readonly string[]): Promise<Wishes> {
  const questions = ['number of participants? ', 'reward per HIT? ', 'duration of hit (in hours)? ']
  const given = [...words]
  for (const question of questions.slice(given.length)) {
    if (session.isQuiet) throw misuse('hit create needs <workers> <reward> <hours>')
    // oxlint-disable-next-line no-await-in-loop -- one question after the other
    given.push((await session.ask(question)).trim())
  }
  const [workers = '', reward = '', hours = ''] = given
  if (!/^[1-9]\d{0,8}$/.test(workers)) {
    throw misuse('*** number of participants must be a whole number greater than 0')
  }
  if (!/^\d{1,6}\.\d\d$/.test(reward)) {
    throw misuse('*** reward must have format [dollars].[cents]')
  }
  if (!/^\d{0,4}(\.\d+)?$/.test(hours) || !(Number(hours) > 0)) {
    throw misuse('*** duration must be a number of hours greater than 0')
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
