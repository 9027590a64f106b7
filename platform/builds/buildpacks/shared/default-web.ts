import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { say, step, warn } from './print.ts'

/** A web process that an app without a Procfile gets, and why. */
export type Web = Readonly<{ command: string; reason: string }>

/**
 * Notes for `bin/release` what an app without a Procfile runs, and prints it.
 *
 * @param pack folder of the buildpack
 * @param example a command of this language, for an app of which nothing says how it starts
 */
export function noteWeb(web: Web | undefined, tree: string, pack: string, example: string): void {
  if (existsSync(join(tree, 'Procfile'))) return
  if (web === undefined) {
    warn(`Nothing says how to start this app. Add a Procfile, for example: web: ${example}`)
    return
  }
  // JSON is YAML, and quotes what needs it.
  const release = { default_process_types: { web: web.command } }
  writeFileSync(join(pack, 'web.json'), JSON.stringify(release))
  step('There is no Procfile')
  say(`${web.reason}. Unless a Procfile says otherwise:`)
  say(`web: ${web.command}`)
}
