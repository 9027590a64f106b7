import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
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

const bin = join(import.meta.dirname, 'bin')
const fixtures = join(import.meta.dirname, '../fixtures')
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
  cpSync(join(root, 'frameworks/model'), join(framework, 'model'), {
    recursive: true,
    filter: (path) =>
      !/node_modules|fixtures|\.(system|test|slow)\.ts$/.test(path.slice(root.length)),
  })
})
after(() => rmSync(folder, { recursive: true, force: true }))

const run = (program: string, directory: string) =>
  spawnSync(join(bin, program), [directory, join(folder, 'cache'), join(folder, 'env')], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, HOKKU_FRAMEWORK_DIR: framework },
  })

let apps = 0
function newApp(model: string, files: Record<string, string> = {}): string {
  const directory = join(folder, `app-${apps++}`)
  cpSync(join(fixtures, model), directory, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text)
  return directory
}

test('a model folder is known, unless the app brings a server of its own', () => {
  const detect = (files: Record<string, string>) =>
    run('detect', newApp('titanic-seed/2017', files)).status

  assert.equal(run('detect', newApp('titanic-seed/2017')).stdout, 'scikit-learn model\n')
  assert.equal(detect({ 'requirements.txt': 'flask\n' }), 1)
  assert.equal(detect({ Procfile: 'web: gunicorn app:app\n' }), 1)
  assert.equal(detect({ Procfile: 'worker: true\n' }), 0)
  assert.equal(detect({ Procfile: 'web: model-server --port $PORT\n' }), 0)
  assert.equal(run('detect', fixtures).status, 1)
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
