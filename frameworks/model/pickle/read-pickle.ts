import { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { allowList } from './allow-list.ts'
import { ByteCursor } from './byte-cursor.ts'
import { openContainer } from './container.ts'
import { interpret } from './interpret.ts'
import { Machine } from './machine.ts'
import type { Global, Pickled } from '../pickled.ts'

export type ReadOptions = Readonly<{
  bytesMax?: number
  /** Names of the scikit-learn classes that the file may hold; none unless given. */
  estimators?: readonly string[]
}>

/**
 * Reads a pickle or joblib file into inert values.
 *
 * @throws Problem `pickle_unsupported` that lists every class outside the allow-list,
 * `pickle_invalid` for what is not a whole pickle, `pickle_too_large` for a bomb
 */
export function readPickle(file: Uint8Array, options: ReadOptions = {}): Pickled {
  const bytesMax = options.bytesMax ?? PICKLE_BYTES_MAX
  if (file.length > bytesMax) {
    throw problem('pickle_too_large', `The file has more than ${bytesMax} bytes.`)
  }
  if (file.length === 0) throw problem('pickle_invalid', 'The file is empty.')
  const unsupported = new Map<string, Global>()
  const isAllowed = allowList(options.estimators ?? [])
  try {
    const cursor = new ByteCursor(openContainer(file, bytesMax))
    requireProtocol(cursor.bytes)
    const value = interpret(new Machine({ cursor, interpret, isAllowed, unsupported }))
    if (unsupported.size > 0) throw unsupportedClasses(unsupported)
    return value
  } catch (error) {
    if (unsupported.size > 0) throw unsupportedClasses(unsupported)
    if (error instanceof Problem) throw error
    throw problem('pickle_invalid', 'The file is not a readable pickle.', { cause: error })
  }
}

/** From protocol 2 on a pickle says so first; without this check many a text file half reads as one. */
function requireProtocol(bytes: Uint8Array): void {
  if (bytes[0] === PROTO) return
  throw problem(
    'pickle_invalid',
    `This is not a pickle of protocol 2 or newer: byte 0 is ${bytes[0]}.`,
    {
      hint: 'pipeline.pickle must be written by pickle.dump(model, file) or joblib.dump.',
    },
  )
}

const PROTO = 0x80

/** 2 GB: one typed array's worth; forests of that size do not fit a dyno anyway. */
const PICKLE_BYTES_MAX = 2 ** 31 - 1
const NAMES_SHOWN_MAX = 30

/** One refusal for all classes that are not on the list. */
export function unsupportedClasses(unsupported: ReadonlyMap<string, Global>): Problem {
  const classes = [...unsupported.values()].slice(0, NAMES_SHOWN_MAX)
  const list = classes.map(({ module, name }) => `${printable(name)} from ${printable(module)}`)
  return problem(
    'pickle_unsupported',
    `The file needs classes that are not supported: ${list.join('; ')}.`,
    {
      hint: 'docs/models.md lists what is; everything else can be served by the Flask original.',
      details: {
        classes: classes.map(({ module, name }) => ({
          module: printable(module),
          name: printable(name),
        })),
      },
    },
  )
}

const printable = (text: string): string => text.slice(0, 200).replaceAll(/[^\x20-\x7e]/g, '?')
