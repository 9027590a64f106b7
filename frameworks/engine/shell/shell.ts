import { once } from 'node:events'
import { stripTypeScriptTypes } from 'node:module'
import { type REPLEval, start } from 'node:repl'
import { createAppEvents, type AppEvents } from '../dase/app-events.ts'
import type { Storage } from '../storage/storage.ts'
import { VERSION } from '../version.ts'

type Streams = Readonly<{
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  output: NodeJS.WritableStream
}>

/**
 * A TypeScript REPL with the event stores loaded; resolves when it is left.
 *
 * @example PEventStore.aggregateProperties({ appName: 'my-app', entityType: 'user' })
 */
export async function startShell(storage: Storage, { input, output }: Streams): Promise<void> {
  const metadata = await storage.metadata()
  const events = createAppEvents(storage)
  const isTerminal = input.isTTY === true
  if (isTerminal) output.write(WELCOME)
  const repl = start({ input, output, prompt: isTerminal ? 'pio> ' : '', terminal: isTerminal })
  Object.assign(repl.context, {
    PEventStore: collected(events),
    LEventStore: { findByEntity: events.findByEntity },
    metadata,
  })
  const evaluate: REPLEval = repl.eval
  Object.assign(repl, {
    eval: ((code, context, file, done) =>
      evaluate.call(repl, withoutTypes(code), context, file, (error, result) =>
        settle(error, result, done),
      )) satisfies REPLEval,
  })
  await once(repl, 'exit')
}

const WELCOME = `PredictionIO ${VERSION} shell: TypeScript, with await. Loaded: PEventStore, LEventStore, metadata.
  PEventStore.aggregateProperties({ appName: 'my-app', entityType: 'user' })
  PEventStore.find({ appName: 'my-app', eventNames: ['rate'] })
`

/** For a person at a prompt whole lists are handier than streams. */
const collected = (events: AppEvents) => ({
  ...events,
  find: async (options: Parameters<AppEvents['find']>[0]) =>
    (await Array.fromAsync(events.find(options))).flat(),
  columns: async (...options: Parameters<AppEvents['columns']>) =>
    (await Array.fromAsync(events.columns(...options))).flat(),
})

/** Code that cannot be stripped is left to JavaScript, which names its error or waits for more. */
function withoutTypes(code: string): string {
  try {
    return stripTypeScriptTypes(code)
  } catch {
    return code
  }
}

/** Shows what a promise gives, not that it is one: the stores answer with nothing else. */
function settle(
  error: Error | null,
  result: unknown,
  done: (error: Error | null, result: unknown) => void,
): void {
  if (error !== null || !(result instanceof Promise)) {
    done(error, result)
    return
  }
  result.then(
    (value: unknown) => done(null, value),
    (failure: Error) => done(failure, undefined),
  )
}
