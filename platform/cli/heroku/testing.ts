import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What npm leaves behind, without 400 MB: the one file that counts as installed. */
export function putProgram(folder: string): void {
  const bin = join(folder, 'node_modules/heroku/bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'run.js'), 'console.log("heroku", ...process.argv.slice(2))')
}
