import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { enableUserCode } from '../dase/effects/user-code.ts'
import { SHOW, toProgram } from './program.ts'

type Streams = Readonly<{ input: NodeJS.ReadableStream; output: NodeJS.WritableStream }>

/**
 * Runs TypeScript from a pipe or a file as a module of the working directory, with `names` as
 * globals, and prints what its expressions give.
 *
 * @throws what the program throws; SyntaxError before anything has run
 */
export async function runInput(
  names: object,
  { input, output }: Streams,
  directory: string,
): Promise<void> {
  const source = toProgram(await text(input))
  const show = (value: unknown): void => {
    if (value !== undefined) output.write(`${inspect(value)}\n`)
  }
  Object.assign(globalThis, names, { [SHOW]: show })
  enableUserCode(directory)
  // A file that is not there: imports of the program start from its folder.
  const url = pathToFileURL(join(directory, 'pio-shell')).href
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === url ? { url, shortCircuit: true } : next(specifier, context),
    load: (loaded, context, next) =>
      loaded === url ? { source, format: 'module', shortCircuit: true } : next(loaded, context),
  })
  try {
    await import(url)
  } finally {
    hooks.deregister()
  }
}
