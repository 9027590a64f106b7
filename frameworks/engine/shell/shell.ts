import { once } from 'node:events'
import { Recoverable, type REPLEval, start } from 'node:repl'
import { createAppEvents, type AppEvents } from '../dase/app-events.ts'
import type { Storage } from '../storage/storage.ts'
import { VERSION } from '../version.ts'
import { runInput } from './run-input.ts'
import { compile } from './typescript.ts'

type Streams = Readonly<{
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  output: NodeJS.WritableStream
}>

/**
 * TypeScript with the event stores loaded: a prompt on a terminal, a program from a pipe.
 *
 * @throws what a program throws
 * @example PEventStore.aggregateProperties({ appName: 'my-app', entityType: 'user' })
 */
export async function startShell(
  storage: Storage,
  streams: Streams,
  directory: string,
): Promise<void> {
  const metadata = await storage.metadata()
  const events = createAppEvents(storage)
  const names = {
    PEventStore: collected(events),
    LEventStore: { findByEntity: events.findByEntity },
    metadata,
  }
  await (streams.input.isTTY === true
    ? prompt(names, streams)
    : runInput(names, streams, directory))
}

/** For a person at a prompt whole lists are handier than streams. */
const collected = (events: AppEvents) => ({
  ...events,
  find: async (options: Parameters<AppEvents['find']>[0]) =>
    (await Array.fromAsync(events.find(options))).flat(),
  columns: async (...options: Parameters<AppEvents['columns']>) =>
    (await Array.fromAsync(events.columns(...options))).flat(),
})

async function prompt(names: object, { input, output }: Streams): Promise<void> {
  output.write(WELCOME)
  const repl = start({ input, output, prompt: 'pio> ', terminal: true })
  Object.assign(repl.context, names)
  const evaluate: REPLEval = repl.eval
  Object.assign(repl, {
    eval: ((code, context, file, done) => {
      const compiled = compile(code)
      if (compiled.kind === 'incomplete') {
        done(new Recoverable(new SyntaxError('Unexpected end of input')), undefined)
      } else if (compiled.kind === 'wrong') done(new SyntaxError(compiled.message), undefined)
      else {
        evaluate.call(repl, compiled.code, context, file, (error, result) =>
          settle(error, result, done),
        )
      }
    }) satisfies REPLEval,
  })
  await once(repl, 'exit')
}

const WELCOME = `PredictionIO ${VERSION} shell: TypeScript, with await. Loaded: PEventStore, LEventStore, metadata.
  PEventStore.aggregateProperties({ appName: 'my-app', entityType: 'user' })
  PEventStore.find({ appName: 'my-app', eventNames: ['rate'] })
`

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
