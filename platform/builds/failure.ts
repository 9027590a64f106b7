import { codeOf } from '@hokku/kit/error-code'
import { Problem } from '@hokku/kit/problem'
import { problem } from '../store/index.ts'
import type { BuildLimits } from './limits.ts'
import type { PushText } from './push-text.ts'

/** What is known when a build fails. */
export type Circumstances = Readonly<{
  timeout: AbortSignal
  closing: AbortSignal
  /** What was running, as a user may read it. */
  doing: string
  limits: Pick<BuildLimits, 'buildMs'>
}>

/** What a user sees of a failure; bugs are logged whole and shown as a general message. */
export function explainFailure(error: unknown, at: Circumstances): Problem {
  if (at.closing.aborted) return problem('build_rejected', PLANE_WENT_DOWN)
  if (at.timeout.aborted) {
    const limit = durationText(at.limits.buildMs)
    return problem('build_rejected', `Build timed out after ${limit}: ${at.doing} did not end.`, {
      hint: 'Find out what it waits for, and push again.',
    })
  }
  if (error instanceof Problem) return error
  if (codeOf(error) === 'ENOSPC') {
    return problem('disk_full', 'There is no space left on the disk.', {
      hint: 'Make room and push again. Nothing has changed.',
    })
  }
  console.error('a build failed on our side:', error)
  return problem('build_rejected', 'The build failed on our side. It has been logged.')
}

export const PLANE_WENT_DOWN =
  'The platform was restarted while this build was running. Nothing has changed: push again.'

function durationText(ms: number): string {
  return ms >= 60_000 ? `${Math.round(ms / 60_000)} minutes` : `${ms / 1000} seconds`
}

export function tellFailure(text: PushText, failure: Problem, what = 'Push'): void {
  text.line()
  text.warn(failure.message)
  if (failure.hint !== undefined) text.warn(failure.hint)
  text.line()
  text.warn(`${what} failed`)
}
