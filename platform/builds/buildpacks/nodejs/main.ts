import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from '#buildpack/compile'
import { readConfigVars } from '#buildpack/config-vars'
import { note, say, step, warn } from '#buildpack/print'
import { npmEnvironment } from './environment.ts'
import { installDependencies } from './install-dependencies.ts'
import { installNode } from './node-version.ts'
import { readPackageJson } from './package-json.ts'
import { writeProfile } from './profile.ts'

/** `bin/compile` of the Node.js buildpack. */
compile(process.argv.slice(2), ({ tree, cache, env: envFolder }) => {
  const packageJson = readPackageJson(tree)
  const env = npmEnvironment(process.env, readConfigVars(envFolder), { tree, cache })
  step('Creating runtime environment')
  say(`NODE_ENV=${env['NODE_ENV']}`)
  step('Installing binaries')
  const shared = process.env['HOKKU_NODE_DIR'] ?? ''
  const version = installNode(packageJson.engines, { tree, cache, shared, env })
  note(
    import.meta.dirname,
    `Node ${version}${packageJson.engines['node'] === undefined ? '' : ' (engines.node)'}`,
  )
  writeProfile(tree, import.meta.dirname)
  const manager = installDependencies(packageJson, { tree, cache, env })
  note(import.meta.dirname, `${manager.name} (${manager.lockfile ?? 'package.json'})`)
  step('Build succeeded!')
  const starts = packageJson.scripts['start'] !== undefined
  if (starts || ['Procfile', 'server.js'].some((name) => existsSync(join(tree, name)))) return
  warn('Nothing says how to start this app: add a "start" script to package.json, or a Procfile.')
})
