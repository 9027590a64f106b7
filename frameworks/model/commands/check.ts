import { defineCommand } from '@hokku/kit/command-line'
import { loadFolder } from '../bundle/load-folder.ts'
import { checkFolder } from '../bundle/self-check.ts'
import { type Context, FOLDER } from './command.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

export const command = defineCommand({
  summary: 'Compares the predictions of a model with expected ones.',
  details:
    'Reads rows from requests.json and what Python predicted from expected.json in the folder. The exit code is 1 if any prediction differs.',
  arguments: { folder: FOLDER },
  options: {
    tolerance: {
      type: 'number',
      min: 0,
      max: Infinity,
      defaultText: '1e-9; 1e-6 for boosters in single precision',
      placeholder: 'distance',
      description: 'The largest distance that still counts as equal.',
    },
  },
  run: async ({ arguments: { folder }, options: { tolerance } }, { cwd, write }: Context) => {
    const directory = folder ?? cwd
    const { model } = await loadFolder(directory)
    const { rows, mismatches, worst } = await checkFolder(directory, model, tolerance)
    for (const { id, message } of mismatches) write(`row ${stringifyExactly(id)} ${message}\n`)
    write(`${rows} rows, ${mismatches.length} differ, largest distance ${worst.toExponential(1)}\n`)
    return mismatches.length === 0 ? 0 : 1
  },
})
