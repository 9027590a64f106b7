/** What a participant's row says in its `status` column. */
export const STATUS = {
  notAccepted: 0,
  allocated: 1,
  started: 2,
  completed: 3,
  submitted: 4,
  credited: 5,
  quitEarly: 6,
  bonused: 7,
} as const

/** Statuses that count as a finished participation, for balance and for campaign goals. */
export const FINISHED: readonly number[] = [
  STATUS.completed,
  STATUS.submitted,
  STATUS.credited,
  STATUS.bonused,
]

export type Step = 'started' | 'completed' | 'submitted' | 'quitEarly'

/**
 * From which statuses a step may be taken; from others it changes nothing and is answered as done.
 * A browser repeats requests (reload, retry after a lost answer, a page from the history), so a late
 * one must not lower what was reached: paid statuses never fall, and finished ones only for debug
 * participants, who run through again and again.
 */
export const ALLOWED_FROM: Readonly<Record<Step, readonly number[]>> = {
  started: [STATUS.notAccepted, STATUS.allocated, STATUS.started, STATUS.quitEarly],
  quitEarly: [STATUS.notAccepted, STATUS.allocated, STATUS.started, STATUS.quitEarly],
  completed: [0, 1, 2, 3, 6],
  submitted: [0, 1, 2, 3, 4, 6],
}

/** Words for pages and plots. */
export const STATUS_WORD: Readonly<Record<number, string>> = {
  0: 'not accepted',
  1: 'allocated',
  2: 'started',
  3: 'completed',
  4: 'submitted',
  5: 'credited',
  6: 'quit early',
  7: 'bonused',
}

/** Participants whose HIT id starts so are the researcher's own trial runs. */
export const isDebugId = (id: string): boolean => id.startsWith('debug')
