import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startBuildpackTrial } from '@hokku/kit/testing'

const fixtures = join(import.meta.dirname, '../fixtures')
const trial = startBuildpackTrial('model')
const { folder, run } = trial
after(() => trial[Symbol.dispose]())

let apps = 0
function newApp(model: string, files: Record<string, string> = {}): string {
  const directory = join(folder, `app-${apps++}`)
  cpSync(join(fixtures, model), directory, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text)
  return directory
}

test('a model folder is known, unless the app brings its own server', () => {
  const detect = (files: Record<string, string>) =>
    run('detect', newApp('titanic-seed/2017', files)).status

  assert.equal(run('detect', newApp('titanic-seed/2017')).stdout, 'scikit-learn model\n')
  assert.equal(detect({ 'requirements.txt': 'scikit-learn\n' }), 0)
  assert.equal(detect({ 'app.py': 'print(1)\n' }), 1)
  assert.equal(detect({ 'service.py': 'from flask import Flask\n' }), 1)
  assert.equal(detect({ 'train.py': 'import sklearn\n' }), 0)
  assert.equal(detect({ 'go.mod': 'module example\n' }), 1)
  assert.equal(detect({ Procfile: 'web: gunicorn app:app\n' }), 1)
  assert.equal(detect({ Procfile: 'worker: true\n' }), 0)
  assert.equal(detect({ Procfile: 'web: model-server --port $PORT\n' }), 0)
  for (const app of readdirSync(join(fixtures, 'apps'))) {
    assert.equal(run('detect', newApp(`apps/${app}`)).status, 0, app)
  }
  assert.equal(run('detect', fixtures).status, 1)
})

test('links to a device are not read, which would never end', () => {
  const app = newApp('titanic-seed/2017')
  for (const file of ['Procfile', 'model.json', 'serve.py'])
    symlinkSync('/dev/zero', join(app, file))

  assert.equal(run('detect', app).status, 0)
})

test('the model is loaded and compared at build time, and model-server runs from the slug', () => {
  const app = newApp('corpus/logreg_onehot')

  const { status, stdout, stderr } = run('compile', app)
  const score = spawnSync(
    'bash',
    ['-c', '. .profile.d/hokku.sh && model-server score . requests.json | head -1'],
    { cwd: app, encoding: 'utf8', env: { PATH: '/usr/bin:/bin', HOME: app } },
  )

  assert.equal(status, 0, stderr)
  assert.match(stdout, /LogisticRegression/)
  assert.match(stdout, /50 rows, 0 differ/)
  assert.match(score.stdout, /^\{"id":0,"predict_proba":\[0\.\d+,0\.\d+\],"predict":[01]\}\n$/)
})

test('a model that cannot be served fails the build with the reason', () => {
  const app = newApp('titanic-seed/2017')
  const pipeline = readFileSync(join(app, 'pipeline.pickle'))
  writeFileSync(join(app, 'pipeline.pickle'), pipeline.subarray(0, 3000))

  const { status, stderr } = run('compile', app)

  assert.equal(status, 1)
  assert.match(stderr, /pipeline\.pickle: The pickle ends in the middle/)
})

test('a model whose answers differ from expected.json fails the build', () => {
  const app = newApp('corpus/gaussian_nb')
  const expected = JSON.parse(readFileSync(join(app, 'expected.json'), 'utf8')) as {
    predict_proba: number[]
  }[]
  expected[0]!.predict_proba = [0.5, 0.5]
  writeFileSync(join(app, 'expected.json'), JSON.stringify(expected))

  const { status, stdout, stderr } = run('compile', app)

  assert.equal(status, 1)
  assert.match(stdout, /row 0 should be 0\.5 0\.5/)
  assert.match(stderr, /answers differently/)
})

test('without a Procfile the web process is model-server', () => {
  assert.match(run('release', folder).stdout, /web: model-server/)
})
