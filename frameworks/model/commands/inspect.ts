import { loadFolder } from '../bundle/load-folder.ts'
import { reportOf, reportText } from '../bundle/report.ts'
import { measureRow } from '../bundle/measure-row.ts'
import type { Command } from './command.ts'
import { parse } from './run-command.ts'

/** `model-server inspect [DIR] [--json]` */
export const inspect: Command = async (args, { cwd, write }) => {
  const { values, positionals } = parse({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean' } },
  })
  const bundle = await loadFolder(positionals[0] ?? cwd)
  const microseconds = measureRow(bundle.model)
  write(
    values.json === true
      ? `${JSON.stringify(reportOf(bundle, microseconds), undefined, 2)}\n`
      : reportText(bundle, microseconds),
  )
  return 0
}
