import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

/** Lines of a buildpack; the build indents what is below a step. */
export const step = (text: string): void => console.log(`-----> ${shown(text)}`)
export const say = (text: string): void => console.log(`       ${shown(text)}`)
export const warn = (text: string): void => {
  for (const line of text.split('\n')) console.log(` !     ${shown(line)}`)
}

/** Texts of the app's files may hold what a terminal would obey. */
const shown = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?')

/** Notes for the end of the push what a buildpack used; `pack` is its folder. */
export const note = (pack: string, text: string): void =>
  appendFileSync(join(pack, 'summary'), `${text}\n`)
