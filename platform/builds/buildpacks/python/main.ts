import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile, Rejected } from '#buildpack/compile'
import { readConfigVars } from '#buildpack/config-vars'
import { step } from '#buildpack/print'
import { run } from '#buildpack/run'
import { pipEnvironment } from './environment.ts'
import { installRequirements } from './install-requirements.ts'
import { findInterpreter, wantedVersion } from './interpreter.ts'
import { writeProfile } from './profile.ts'

/** `bin/compile` of the Python buildpack. */
compile(process.argv.slice(2), ({ tree, cache, env: envFolder }) => {
  const env = pipEnvironment(process.env, readConfigVars(envFolder), { tree, cache })
  const textOf = (name: string): string | undefined =>
    existsSync(join(tree, name)) ? readFileSync(join(tree, name), 'utf8') : undefined
  /** Programs of the app's own that run before and after the installation. */
  const hook = (name: string): void => {
    if (!existsSync(join(tree, name))) return
    step(`Running ${name} hook`)
    if (!run(['bash', join(tree, name)], { cwd: tree, env })) throw new Rejected(`${name} failed.`)
  }

  const interpreter = findInterpreter(wantedVersion(textOf), env)
  step(`Using Python ${interpreter.version}`)
  hook('bin/pre_compile')
  installRequirements({ tree, cache, env, interpreter })
  writeProfile(tree, import.meta.dirname)
  hook('bin/post_compile')
})
