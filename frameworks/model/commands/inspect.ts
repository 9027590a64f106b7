import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defineCommand } from '@hokku/kit/command-line'
import { loadFolder, type Bundle } from '../bundle/load-folder.ts'
import { checkFolder, CHECK_FILES, type CheckResult } from '../bundle/self-check.ts'
import { reportOf, reportText } from '../bundle/report.ts'
import { measureRow } from '../bundle/measure-row.ts'
import { type Context, FOLDER } from './command.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

export const command = defineCommand({
  summary: 'Shows what a model consists of, and whether all of it is supported.',
  details: 'Needs no database.',
  arguments: { folder: FOLDER },
  options: { json: { type: 'boolean', description: 'Prints JSON instead of text.' } },
  run: async ({ arguments: { folder }, options }, { cwd, write }: Context) => {
    const bundle = await loadFolder(folder ?? cwd)
    const measured = {
      microsecondsPerRow: measureRow(bundle.model),
      check: await checked(bundle),
    }
    write(
      options.json
        ? `${stringifyExactly(reportOf(bundle, measured), 2)}\n`
        : reportText(bundle, measured),
    )
    return 0
  },
})

/** The folder's own check, if it brings one. */
async function checked({ directory, model }: Bundle): Promise<CheckResult | undefined> {
  const hasCheck = CHECK_FILES.every((file) => existsSync(join(directory, file)))
  return hasCheck ? checkFolder(directory, model) : undefined
}
