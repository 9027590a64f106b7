import { resolve } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

/** What one call of `node --test` came to. */
export type Outcome = Readonly<{
  /** Tests that ran. Files do not count as tests, though node reports empty ones so. */
  tests: number
  /** Absolute paths of the files in which a test failed, or that failed to load. */
  failedFiles: readonly string[]
}>

/**
 * A reporter for `tests/run.ts`: the {@link Outcome} as one line of JSON.
 *
 * A test belongs to the file that runs it. Node says so in a summary of each file's process; where
 * all files share one process, only the file is known in which the test is written.
 */
export default async function* outcome(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const written = new Set<string>()
  const run = new Set<string>()
  let tests = 0
  let isPerFile = false
  for await (const event of events) {
    if (event.type === 'test:summary' && event.data.file !== undefined) {
      isPerFile = true
      if (!event.data.success) run.add(resolve(event.data.file))
    }
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { file, name, details, skip } = event.data
    const isFile = file !== undefined && resolve(name) === file
    if (!isFile && details.type !== 'suite' && skip === undefined) tests += 1
    if (event.type === 'test:fail' && file !== undefined) (isFile ? run : written).add(file)
  }
  const result: Outcome = { tests, failedFiles: [...(isPerFile ? run : run.union(written))] }
  yield JSON.stringify(result)
}
