import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as z from 'zod'
import { ratingsWithout, type Ratings } from '../../algorithms/ratings.ts'
import { definePreparator, defineServing } from '../../dase/define-engine.ts'
import { problem } from '../../problems.ts'
import type { Recommendation } from './als-algorithm.ts'
import type { Query } from './data-source.ts'

const Params = z.object({
  /** A file with an item id a line, relative to the engine's folder. */
  filepath: z.string().optional(),
})

/** Leaves the items of a file out of the training. */
export const itemFilePreparator = definePreparator({
  params: Params,
  prepare: async (ratings: Ratings, { filepath }, { engineDirectory }) =>
    filepath === undefined
      ? ratings
      : ratingsWithout(ratings, await readItems(resolve(engineDirectory, filepath))),
})

/** Answers as the first algorithm does, without the items of a file; the file may change any time. */
export const itemFileServing = defineServing({
  params: Params,
  serve: async (_query: Query, [first]: readonly Recommendation[], { filepath }, context) => {
    const { itemScores } = first ?? { itemScores: [] }
    if (filepath === undefined) return { itemScores }
    const disabled = await readItems(resolve(context.engineDirectory, filepath))
    return { itemScores: itemScores.filter(({ item }) => !disabled.has(item)) }
  },
})

type ItemFile = Readonly<{ changedMs: number; items: ReadonlySet<string> }>

/** Files as they were last read: one look at the disk a query, and no reading. */
const files = new Map<string, ItemFile>()

/** @throws Problem `params_invalid` for a file that cannot be read */
async function readItems(path: string): Promise<ReadonlySet<string>> {
  try {
    const { mtimeMs, size } = await stat(path)
    if (size > FILE_BYTES_MAX) throw new RangeError(`it has more than ${FILE_BYTES_MAX} bytes`)
    const known = files.get(path)
    if (known?.changedMs === mtimeMs) return known.items
    const items = new Set((await readFile(path, 'utf8')).split(/\r?\n/))
    files.set(path, { changedMs: mtimeMs, items })
    return items
  } catch (error) {
    throw problem('params_invalid', `The file of items ${path} cannot be read: ${String(error)}`, {
      hint: 'Correct filepath in engine.json; it is relative to the folder of the engine.',
      cause: error,
    })
  }
}

const FILE_BYTES_MAX = 64 * 1024 * 1024
