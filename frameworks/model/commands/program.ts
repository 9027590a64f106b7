import { existsSync } from 'node:fs'
import { completionCommand, type Program } from '@hokku/kit/command-line'
import type { Context } from './command.ts'

/** `model-server`. A folder in place of a command is served. */
export const modelServer: Program<Context> = {
  name: 'model-server',
  summary: 'model-server puts a scikit-learn pipeline behind HTTP, without Python.',
  usage: [['[<folder>] [options]', 'Serves the model of a folder, as serve does.']],
  groups: {
    Commands: {
      serve: () => import('./serve.ts'),
      inspect: () => import('./inspect.ts'),
      check: () => import('./check.ts'),
      score: () => import('./score.ts'),
      completion: async () => ({ command: completionCommand('model-server') }),
    },
  },
  bare: () => import('./serve.ts'),
  notes:
    'A model is a folder with pipeline.pickle, columns.json and dtypes.pickle. Only serve needs a database.',
  misuseCode: 2,
  takeUnknown: (words, context) => (isFolder(words[0] ?? '') ? serve(words, context) : undefined),
}

/** A name with a slash is a folder even if it is missing; its absence is then the message. */
const isFolder = (word: string): boolean => word.includes('/') || existsSync(word)

const serve = async (words: readonly string[], context: Context): Promise<number> =>
  await (await import('./serve.ts')).command.execute(words, context)
