import { loadFolder } from '../bundle/load-folder.ts'
import { checkFolder, CHECK_TOLERANCE } from '../bundle/self-check.ts'
import { problem } from '../problems.ts'
import { parse, type Command } from './command.ts'

/** `model-server check [DIR] [--tolerance N]`: exit code 1 if any answer differs. */
export const check: Command = async (args, { cwd, write }) => {
  const { values, positionals } = parse({
    args,
    allowPositionals: true,
    options: { tolerance: { type: 'string', default: String(CHECK_TOLERANCE) } },
  })
  const tolerance = Number(values.tolerance)
  if (!(tolerance >= 0)) throw problem('usage_invalid', '--tolerance must be a number.')
  const directory = positionals[0] ?? cwd
  const { model } = await loadFolder(directory)
  const result = await checkFolder(directory, model, tolerance)
  for (const { id, message } of result.mismatches) write(`row ${JSON.stringify(id)} ${message}\n`)
  write(
    `${result.rows} rows, ${result.mismatches.length} differ, largest distance ${result.worst.toExponential(1)}\n`,
  )
  return result.mismatches.length === 0 ? 0 : 1
}
