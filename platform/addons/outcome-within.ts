import { setTimeout as sleep } from 'node:timers/promises'

/** How far work has come when its caller stops waiting. */
export type Outcome =
  | Readonly<{ kind: 'done' }>
  | Readonly<{ kind: 'failed'; error: unknown }>
  | Readonly<{ kind: 'pending' }>

/** Waits for work, at most `waitMs`; what is pending then runs on. */
export const outcomeWithin = (work: Promise<unknown>, waitMs: number): Promise<Outcome> =>
  Promise.race<Outcome>([
    work.then(
      () => ({ kind: 'done' }),
      (error: unknown) => ({ kind: 'failed', error }),
    ),
    sleep(waitMs, { kind: 'pending' }, { ref: false }),
  ])
