import { problem } from '../../problems.ts'
import type { Parsed } from '../words.ts'

/** How the `worker` commands are told whom they concern. */
export const TARGETS = { '--all': 'flag', '--hit': 'many', '--all-studies': 'flag' } as const

/** Everybody, a HIT's workers, or single ones: two of them in one line is a slip, and pays or rejects. */
export function onlyOneTarget({ flags, values, words }: Parsed): void {
  const given = [
    ...(flags.has('--all') ? ['--all'] : []),
    ...(values.has('--hit') ? ['--hit'] : []),
    ...(words.length > 0 ? [words.join(' ')] : []),
  ]
  if (given.length > 1) throw problem('argument_invalid', `Say only one of: ${given.join(', ')}.`)
}
