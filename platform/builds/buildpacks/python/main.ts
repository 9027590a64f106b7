import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile, Rejected } from '#buildpack/compile'
import { readConfigVars } from '#buildpack/config-vars'
import { runHook } from '#buildpack/hook'
import { note, say, step } from '#buildpack/print'
import { chooseManager, type TextOf } from './choose-manager.ts'
import { collectStatic } from './django.ts'
import { installPackages } from './install-packages.ts'
import { installedPackages } from './installed-packages.ts'
import { findInterpreter, placeInterpreter } from './interpreter.ts'
import { downloadCorpora } from './nltk.ts'
import { writeProfile } from './profile.ts'
import { installWithPython2, reasonForPython2 } from './python-2.ts'
import { installUv, type Places } from '#buildpack/uv'
import { pythonEnvironment } from './python-environment.ts'
import { wantedVersion } from './version.ts'
import { webOfApp } from './web-of-app.ts'

/** `bin/compile` of the Python buildpack. */
compile(process.argv.slice(2), ({ tree, cache, env: envFolder }) => {
  const at = {
    tree,
    cache,
    env: pythonEnvironment(process.env, readConfigVars(envFolder), { tree, cache }),
  }
  const textOf: TextOf = (name) =>
    existsSync(join(tree, name)) ? readFileSync(join(tree, name), 'utf8') : undefined
  refuseCheckedIn(tree)
  runHook('bin/pre_compile', at)
  install(textOf, at)
  writeProfile(tree, import.meta.dirname)
  const packages = installedPackages(tree)
  downloadCorpora(packages, textOf, at)
  collectStatic(packages, at)
  runHook('bin/post_compile', at)
  describeWeb(tree)
})

function install(textOf: TextOf, at: Places): void {
  const manager = chooseManager(textOf)
  if (manager === 'none' && textOf('Procfile') === undefined) {
    throw new Rejected(
      'Nothing lists the packages of this app. Write them to a file and commit it: pip freeze > requirements.txt\nAn app that needs none has an empty one, and a Procfile.',
    )
  }
  const wanted = wantedVersion(textOf)
  const python2 = reasonForPython2(wanted, textOf('requirements.txt'))
  if (python2 !== undefined) {
    note(import.meta.dirname, 'Python 2.7')
    return installWithPython2(python2, at)
  }
  const search = { ...at, uv: installUv(at) }
  const interpreter = findInterpreter(wanted, search)
  const python = `Python ${interpreter.version}${wanted === undefined ? '' : ` (${wanted.file})`}`
  step(`Using ${python}`)
  const list = installPackages(manager, {
    ...search,
    version: interpreter.version,
    python: placeInterpreter(interpreter, search),
  })
  note(import.meta.dirname, python)
  note(import.meta.dirname, list)
}

/** Environments name paths of the machine on which they were made. */
function refuseCheckedIn(tree: string): void {
  const found = ['.venv', 'venv', '.heroku/python'].find(
    (name) =>
      existsSync(join(tree, name, 'pyvenv.cfg')) || existsSync(join(tree, name, 'bin/python')),
  )
  if (found === undefined) return
  throw new Rejected(
    `The virtual environment ${found} is checked in, but works only where it was made. Remove it: git rm -r --cached ${found}`,
  )
}

function describeWeb(tree: string): void {
  const web = webOfApp(tree)
  if (web === undefined) return
  step('There is no Procfile')
  say(`${web.file} uses ${web.framework}. Unless a Procfile says otherwise:`)
  say(`web: ${web.command}`)
}
