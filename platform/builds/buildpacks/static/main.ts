import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { compile, Rejected } from '#buildpack/compile'
import { say, step, warn } from '#buildpack/print'
import { parseSite } from './server/site.ts'

/** `bin/compile` of static sites: finds out what is wrong with `static.json` before it serves. */
compile(process.argv.slice(2), ({ tree }) => {
  step('Checking the site')
  const file = join(tree, 'static.json')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  const { site, ignored, wrong } = parseSite(text)
  if (wrong !== null) throw new Rejected(wrong)
  if (ignored.length > 0) warn(`static.json: ${ignored.join(', ')} has no effect here.`)
  const root = join(tree, site.root)
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new Rejected(
      `There is no folder ${site.root}, from which static.json says to serve. Set "root" in it.`,
    )
  }
  say(`Serving ${site.root === '.' ? 'the whole repository' : site.root}`)
})
