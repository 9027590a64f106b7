import { join } from 'node:path'
import { appEnvironment } from './app-environment.ts'
import { installDependencies } from './install-dependencies.ts'
import { installNode } from './node-version.ts'
import { readPackageJson } from './package-json.ts'
import { Rejected, say, step, warn } from './print.ts'
import { writeProfile } from './profile.ts'

/** `bin/compile BUILD_DIR CACHE_DIR ENV_DIR` of the Node.js buildpack. */
const [tree = '', cacheRoot = '', envFolder = ''] = process.argv.slice(2)
const pack = join(import.meta.dirname)

try {
  const packageJson = readPackageJson(tree)
  const env = appEnvironment(process.env, envFolder, { tree, cache: cacheRoot })
  step('Creating runtime environment')
  say(`NODE_ENV=${env['NODE_ENV']}`)
  step('Installing binaries')
  const shared = process.env['HOKKU_NODE_DIR'] ?? ''
  const version = installNode(packageJson.engines, { tree, cache: cacheRoot, shared, env })
  writeProfile(tree, pack)
  installDependencies(packageJson, { tree, cache: cacheRoot, env, nodeVersion: version })
  step('Build succeeded!')
} catch (error) {
  if (!(error instanceof Rejected)) throw error
  warn(error.message)
  process.exitCode = 1
}
