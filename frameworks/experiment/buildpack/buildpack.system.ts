import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setupExample } from '../cli/commands/setup-example.ts'

const bin = join(import.meta.dirname, 'bin')
let folder: string
let framework: string

/** What the platform gives to `bin/compile`, with links where it has copies. */
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'hokku-buildpack-'))
  framework = join(folder, 'framework')
  const root = join(import.meta.dirname, '../../..')
  mkdirSync(framework)
  symlinkSync(realpathSync(process.execPath), join(framework, 'node'))
  symlinkSync(join(root, 'kit'), join(framework, 'kit'))
  symlinkSync(join(root, 'postgres'), join(framework, 'postgres'))
  symlinkSync(join(root, 'node_modules'), join(framework, 'node_modules'))
  mkdirSync(join(framework, 'experiment'))
  const filter = (path: string): boolean =>
    !/node_modules|\.(system|test)\.ts$/.test(path.slice(root.length))
  cpSync(join(root, 'frameworks/experiment'), join(framework, 'experiment'), {
    recursive: true,
    filter,
  })
})
after(() => rmSync(folder, { recursive: true, force: true }))

const run = (program: string, directory: string) =>
  spawnSync(join(bin, program), [directory, join(folder, 'cache'), join(folder, 'env')], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, HOKKU_FRAMEWORK_DIR: framework },
  })

const newApp = (name: string, files: Record<string, string>): string => {
  const directory = join(folder, name)
  mkdirSync(directory)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text)
  return directory
}

test('a study is known by the sections of its config.txt', () => {
  const study = newApp('study', { 'config.txt': '; c\n[Task Parameters]\nnum_conds = 1\n' })
  const other = newApp('other', { 'config.txt': '[Other]\n' })

  assert.equal(run('detect', study).stdout, 'Experiment (psiTurk)\n')
  assert.equal(run('detect', other).status, 1)
  assert.equal(run('detect', newApp('empty', {})).status, 1)
})

test('the compiled example has psiturk on its path and runs it', async () => {
  const parent = join(folder, 'example')
  mkdirSync(parent)
  await setupExample(parent, () => {})
  const app = join(parent, 'psiturk-example')
  writeFileSync(join(app, 'Procfile'), 'web: python herokuapp.py\nworker: x\n')
  const compiled = run('compile', app)
  const profile = `HOME='${app}'; . .profile.d/hokku.sh; cd /; psiturk --version`
  const version = spawnSync('sh', ['-c', `cd '${app}'; ${profile}`], { encoding: 'utf8' })

  assert.equal(compiled.status, 0, compiled.stdout + compiled.stderr)
  assert.match(compiled.stdout, /-----> Checking the study\n {7}Version 1\.0, 1 condition\n/)
  assert.match(compiled.stdout, / ! {5}Procfile: "python herokuapp\.py"/)
  assert.equal(readFileSync(join(app, 'Procfile'), 'utf8'), 'web: psiturk serve\nworker: x\n')
  assert.match(version.stdout, /^psiTurk version 3\.3\.1/)
  assert.match(run('release', app).stdout, /web: psiturk serve/)
})

test('a broken config.txt fails the build with its line', () => {
  const study = newApp('broken', { 'config.txt': '[Task Parameters]\nnum_conds 2\n' })

  const compiled = run('compile', study)

  assert.notEqual(compiled.status, 0)
  assert.match(
    compiled.stderr,
    /config\.txt, line 2: "num_conds 2" is not of the form name = value/,
  )
})

test('psiturk-heroku-config sets the app up, and leaves a changed Procfile alone', () => {
  const study = newApp('heroku', {})
  spawnSync('git', ['init', '-q'], { cwd: study })
  const programs = join(folder, 'programs')
  mkdirSync(programs)
  // Stands for the official program, which needs a platform; the story test has both.
  writeFileSync(join(programs, 'heroku'), `#!/bin/sh\necho "$@" >> '${folder}/heroku.log'\n`)
  chmodSync(join(programs, 'heroku'), 0o755)
  const configure = () =>
    spawnSync(join(import.meta.dirname, '../bin/psiturk-heroku-config'), [], {
      cwd: study,
      encoding: 'utf8',
      env: { PATH: `${programs}:${process.env['PATH']}` },
    })
  const first = configure()
  const procfile = readFileSync(join(study, 'Procfile'), 'utf8')
  writeFileSync(join(study, 'Procfile'), 'web: mine\n')
  const second = configure()

  assert.equal(first.status, 0, first.stderr)
  assert.equal(procfile, 'web: psiturk serve\n')
  assert.match(readFileSync(join(folder, 'heroku.log'), 'utf8'), /config:set ON_CLOUD=1/)
  assert.equal(second.status, 1)
  assert.match(second.stderr, /Procfile was left as it is/)
  assert.ok(existsSync(join(study, 'Procfile')))
})
