import { readFileSync } from 'node:fs'
import { packagesFor } from './python-packages.ts'
import { readPythonSources } from './python-sources.ts'

/** Run by the buildpack: writes the list of packages of a study's `custom.py`. */
const [path = ''] = process.argv.slice(2)
let requirements = ''
try {
  requirements = readFileSync(path, 'utf8')
} catch {
  // A study without a list gets ours.
}
const { lines, notices } = packagesFor(requirements, readPythonSources('.'))
for (const notice of notices) console.error(` !     ${notice}`)
console.log(lines.join('\n'))
