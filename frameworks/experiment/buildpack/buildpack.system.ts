import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startBuildpackTrial } from '@hokku/kit/testing'
import { setupExample } from '../cli/commands/setup-example.ts'

const trial = startBuildpackTrial('experiment')
const { folder, run } = trial
after(() => trial[Symbol.dispose]())

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
  const page = '<script src="/static/js/study.js"></script>'
  assert.equal(run('detect', newApp('page', { 'index.html': page })).status, 0)
  assert.equal(run('detect', newApp('site', { 'index.html': '<h1>Site</h1>' })).status, 1)
  // A link to a device would never end.
  const device = newApp('device', {})
  symlinkSync('/dev/zero', join(device, 'config.txt'))
  assert.equal(run('detect', device).status, 1)
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
