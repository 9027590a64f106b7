import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ZodError } from 'zod'
import { loadFolder } from '../bundle/load-folder.ts'
import { checkAnswers } from '../bundle/self-check.ts'
import { problem } from '../problems.ts'
import type { Command } from './command.ts'
import { parse } from './run-command.ts'

/** `model-server check [DIR] [--tolerance N]`: exit code 1 if any answer differs. */
export const check: Command = async (args, { cwd, write }) => {
  const { values, positionals } = parse({
    args,
    allowPositionals: true,
    options: { tolerance: { type: 'string', default: '1e-9' } },
  })
  const tolerance = Number(values.tolerance)
  if (!(tolerance >= 0)) throw problem('usage_invalid', '--tolerance must be a number.')
  const directory = positionals[0] ?? cwd
  const { model } = await loadFolder(directory)
  const [requests, expected] = await Promise.all([
    readJson(join(directory, 'requests.json')),
    readJson(join(directory, 'expected.json')),
  ])
  const result = compare(() => checkAnswers(model, requests, expected, tolerance))
  for (const { id, message } of result.mismatches) write(`row ${JSON.stringify(id)} ${message}\n`)
  write(
    `${result.rows} rows, ${result.mismatches.length} differ, largest distance ${result.worst.toExponential(1)}\n`,
  )
  return result.mismatches.length === 0 ? 0 : 1
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown
  } catch (error) {
    throw problem('model_invalid', `${path} cannot be read as JSON.`, {
      cause: error,
      hint: 'The folder needs requests.json and expected.json beside the model.',
    })
  }
}

function compare<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ZodError)) throw error
    throw problem(
      'model_invalid',
      'requests.json or expected.json do not have the shape of a check.',
      {
        cause: error,
      },
    )
  }
}
