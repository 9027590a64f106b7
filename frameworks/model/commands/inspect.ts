import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadFolder, type Bundle } from '../bundle/load-folder.ts'
import { checkFolder, CHECK_FILES, type CheckResult } from '../bundle/self-check.ts'
import { reportOf, reportText } from '../bundle/report.ts'
import { measureRow } from '../bundle/measure-row.ts'
import { parse, type Command } from './command.ts'

/** `model-server inspect [DIR] [--json]` */
export const inspect: Command = async (args, { cwd, write }) => {
  const { values, positionals } = parse({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean' } },
  })
  const bundle = await loadFolder(positionals[0] ?? cwd)
  const measured = {
    microsecondsPerRow: measureRow(bundle.model),
    check: await checked(bundle),
  }
  write(
    values.json === true
      ? `${JSON.stringify(reportOf(bundle, measured), undefined, 2)}\n`
      : reportText(bundle, measured),
  )
  return 0
}

/** The folder's own check, if it brings one. */
async function checked({ directory, model }: Bundle): Promise<CheckResult | undefined> {
  const hasCheck = CHECK_FILES.every((file) => existsSync(join(directory, file)))
  return hasCheck ? checkFolder(directory, model) : undefined
}
