import { misuse } from '@hokku/kit/command-line'
import type { HIT } from '../../mturk/marketplace.ts'
import {
  deleteHit,
  expireHit,
  extendHit,
  isDeletable,
  isExpired,
  listHits,
  type Market,
} from '../../mturk/operations.ts'
import { psiturkCommand } from '../host.ts'
import { outcomeLine, runEach, withMarket } from '../market.ts'

const ALL_STUDIES = {
  type: 'boolean',
  description: 'Looks in all studies of the account, not only in this one.',
} as const
const IDS = {
  type: 'string',
  placeholder: 'HITid',
  isOptional: true,
  isRepeated: true,
  description: 'Ids of HITs, as hit list shows them.',
} as const
const COUNT = { type: 'integer', min: 1, max: 999_999_999 } as const

export const extend = psiturkCommand({
  summary: 'Adds participants or time to a HIT.',
  usage: '<HITid> [--assignments N] [--expiration MINUTES]',
  arguments: {
    hit: { type: 'string', placeholder: 'HITid', description: 'Id of the HIT.' },
  },
  options: {
    assignments: { ...COUNT, placeholder: 'N', description: 'How many participants to add.' },
    expiration: { ...COUNT, placeholder: 'MINUTES', description: 'How many minutes to add.' },
  },
  run: async (session, { arguments: args, options: { assignments = 0, expiration = 0 } }) => {
    if (assignments + expiration === 0) {
      throw misuse('hit extend needs --assignments or --expiration')
    }
    const more = { assignments, minutes: expiration }
    const outcome = await withMarket(session, (market) => extendHit(market, args.hit, more))
    session.print(outcomeLine(outcome))
    return outcome.isSuccess ? 0 : 1
  },
})

export const expire = psiturkCommand({
  summary: 'Ends HITs: no more workers can accept them.',
  usage: '(--all | HITid...)',
  arguments: { hits: IDS },
  options: { all: { type: 'boolean', description: 'Ends all active HITs of this study.' } },
  run: (session, { arguments: { hits }, options: { all } }) => {
    checkTarget(all, hits)
    return withMarket(session, async (market) => {
      const ids = all ? (await listHits(market)).filter(isActive).map(idOf) : hits
      return runEach(session, ids, (hitId) => expireHit(market, hitId))
    })
  },
})

export const remove = psiturkCommand({
  summary: 'Deletes HITs whose submissions are all reviewed.',
  usage: '(--all | HITid...) [--all-studies]',
  arguments: { hits: IDS },
  options: {
    all: { type: 'boolean', description: 'Deletes all HITs that can be deleted.' },
    'all-studies': ALL_STUDIES,
  },
  run: (session, { arguments: { hits }, options }) => {
    checkTarget(options.all, hits)
    return withMarket(session, async (market) => {
      const ids = options.all ? await deletable(market, options['all-studies']) : hits
      return runEach(session, ids, (hitId) => deleteHit(market, hitId))
    })
  },
})

async function deletable(market: Market, allStudies: boolean): Promise<string[]> {
  return (await listHits(market, allStudies)).filter(isDeletable).map(idOf)
}

export const list = psiturkCommand({
  summary: 'Lists the HITs of this study.',
  usage: '[--active | --reviewable] [--all-studies]',
  options: {
    active: { type: 'boolean', description: 'Only HITs that workers can still accept.' },
    reviewable: { type: 'boolean', description: 'Only HITs whose work is all submitted.' },
    'all-studies': ALL_STUDIES,
  },
  run: (session, { options: { active, reviewable, 'all-studies': allStudies } }) =>
    withMarket(session, async (market) => {
      const hits = (await listHits(market, allStudies)).filter(
        (one) => (!active || isActive(one)) && (!reviewable || one.HITStatus === 'Reviewable'),
      )
      if (hits.length === 0) session.print('*** no hits retrieved')
      for (const one of hits) session.print(hitLines(one).join('\n'))
      return 0
    }),
})

const isActive = (one: HIT): boolean => !isExpired(one)
const idOf = (one: HIT): string => one.HITId ?? ''

/** All, or some: both in one line is a slip that must not delete what was not meant. */
function checkTarget(all: boolean, hits: readonly string[]): void {
  if (all && hits.length > 0) throw misuse('Give either --all or ids of HITs')
  if (!all && hits.length === 0) throw misuse('Give the HITs: --all, or their ids')
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
