import { reasonOf } from '@hokku/kit/problem'
import { acceptedVersion, readTemplateVersion } from '../dase/template-version.ts'

// check-template.ts FILE: says which PredictionIO an engine wants; exit 1 for one that we are not.
const [path = 'template.json'] = process.argv.slice(2)
try {
  const version = await readTemplateVersion(path)
  if (version !== undefined && !acceptedVersion(version)) {
    console.error(
      ` !     The PredictionIO version specified in template.json (${version}) is not compatible.`,
    )
    console.error(' !     Versions 0.11 to 0.14 are.')
    process.exitCode = 1
  }
} catch (error) {
  console.error(` !     ${reasonOf(error)}`)
  process.exitCode = 1
}
