import { Problem } from '@hokku/kit/problem'
import { deployedRef, type Judge } from '../git/index.ts'
import type { App } from '../store/index.ts'
import type { Builds } from './contract.ts'

/**
 * Judges pushes to an app: `main` and `master` are built, and accepted when the build succeeds;
 * anything else is accepted and not built.
 */
export function judgePushes(
  app: App,
  accountId: string,
  builds: Pick<Builds, 'start' | 'output' | 'ended'>,
): Judge {
  return async (push, print) => {
    const say = (text: string): Promise<void> => print(Buffer.from(text))
    const ref = deployedRef(push.refs)
    if (ref === undefined) {
      await say('Pushed to non-main branch, skipping build.\nNothing was deployed.\n')
      return true
    }
    try {
      const build = builds.start({
        app,
        accountId,
        source: { kind: 'commit', sha: ref.new },
        sourceVersion: ref.new,
        quarantine: push.objects,
      })
      for await (const bytes of builds.output(build, NEVER)) await print(bytes)
      return (await builds.ended(build.id)).status === 'succeeded'
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      await say(
        ` !     ${error.message}\n${error.hint === undefined ? '' : ` !     ${error.hint}\n`}`,
      )
      return false
    }
  }
}

/** The push is followed to its end, whether or not its client is still there. */
const NEVER = new AbortController().signal
