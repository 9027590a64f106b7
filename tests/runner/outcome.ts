import { resolve } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

/** What one call of `node --test` came to. */
export type Outcome = Readonly<{
  /** Tests that ran. Files do not count as tests, though node reports empty ones so. */
  tests: number
  /** Absolute paths of the files in which a test failed, or that failed to load. */
  failedFiles: readonly string[]
}>

/** A reporter for `tests/run.ts`: the {@link Outcome} as one line of JSON. */
export default async function* outcome(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failedFiles = new Set<string>()
  let tests = 0
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { file, name, details, skip } = event.data
    if (event.type === 'test:fail' && file !== undefined) failedFiles.add(file)
    const isFile = file !== undefined && resolve(name) === file
    if (!isFile && details.type !== 'suite' && skip === undefined) tests += 1
  }
  const result: Outcome = { tests, failedFiles: [...failedFiles] }
  yield JSON.stringify(result)
}
