import { misuse } from '@hokku/kit/command-line'

/** Arguments and options that name the workers whom a `worker` command concerns. */
export const ASSIGNMENTS = {
  assignments: {
    type: 'string',
    placeholder: 'ASSIGNMENT',
    isOptional: true,
    isRepeated: true,
    description: 'Ids of assignments, as worker list shows them.',
  },
} as const
export const HITS = {
  hit: {
    type: 'string',
    takesMany: true,
    placeholder: 'ID',
    description: 'All workers of these HITs.',
  },
} as const
export const ALL = {
  all: { type: 'boolean', description: 'All workers of the study.' },
} as const
export const ALL_STUDIES = {
  'all-studies': {
    type: 'boolean',
    description: 'Looks in all studies of the account, not only in this one.',
  },
} as const

export type Targets = Readonly<{
  all: boolean
  hits: readonly string[]
  assignments: readonly string[]
}>

/** All workers, a HIT's workers, or single ones: two of them in one line is a slip, and pays or rejects. */
export function checkTargets({ all, hits, assignments }: Targets): void {
  const given = [
    ...(all ? ['--all'] : []),
    ...(hits.length > 0 ? ['--hit'] : []),
    ...(assignments.length > 0 ? [assignments.join(' ')] : []),
  ]
  if (given.length > 1) throw misuse(`Give only one of: ${given.join(', ')}`)
  if (given.length === 0) throw misuse('Give the workers: --hit, or ids of assignments')
}
