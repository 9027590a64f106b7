import assert from 'node:assert/strict'
import { test } from 'node:test'
import { manifestForTests, parseAppJson, planSetup } from './app-json.ts'

const NOTHING = { config: [], buildpacks: [] }

test('a manifest sets up what is not there yet', () => {
  const { manifest } = parseAppJson(
    JSON.stringify({
      name: 'demo',
      env: {
        PLAIN: 'text',
        VALUE: { description: 'what', value: '7' },
        SECRET: { generator: 'secret' },
        ASKED: { required: true },
        OPTIONAL: { required: false },
        TAKEN: 'new',
      },
      addons: ['heroku-postgresql:mini', { plan: 'bucketeer', as: 'FILES', options: { a: 1 } }],
      buildpacks: [{ url: 'heroku/nodejs' }],
      formation: { web: { quantity: 2, size: 'standard-2x' } },
      scripts: { postdeploy: 'npm run seed' },
      environments: { test: { scripts: { test: 'npm test' } } },
    }),
  )

  const setup = planSetup(manifest, { config: ['TAKEN'], buildpacks: [] }, () => 'generated')

  assert.deepEqual(setup, {
    config: [
      { name: 'PLAIN', value: 'text' },
      { name: 'VALUE', value: '7' },
      { name: 'SECRET', value: 'generated' },
    ],
    missing: ['ASKED'],
    addons: [{ plan: 'heroku-postgresql:mini' }, { plan: 'bucketeer', as: 'FILES' }],
    buildpacks: ['heroku/nodejs'],
    formation: { web: { quantity: 2, size: 'standard-2x' } },
    postdeploy: 'npm run seed',
    test: { setup: null, command: 'npm test' },
  })
})

test('for tests, what environments.test says goes first', () => {
  const { manifest } = parseAppJson(
    JSON.stringify({
      env: { A: 'everywhere', B: 'everywhere' },
      addons: ['heroku-postgresql:standard-0'],
      buildpacks: [{ url: 'heroku/nodejs' }],
      environments: {
        test: {
          env: { B: 'in tests' },
          addons: ['heroku-postgresql'],
          scripts: { 'test-setup': 'npm run fill', test: { command: 'npm test' } },
        },
      },
    }),
  )

  const setup = planSetup(manifestForTests(manifest), NOTHING)

  assert.deepEqual(setup.config, [
    { name: 'A', value: 'everywhere' },
    { name: 'B', value: 'in tests' },
  ])
  assert.deepEqual(setup.addons, [{ plan: 'heroku-postgresql' }])
  assert.deepEqual(setup.buildpacks, ['heroku/nodejs'])
  assert.deepEqual(setup.test, { setup: 'npm run fill', command: 'npm test' })
})

test('buildpacks that were chosen stay', () => {
  const { manifest } = parseAppJson('{"buildpacks": [{"url": "heroku/nodejs"}]}')

  assert.deepEqual(planSetup(manifest, { config: [], buildpacks: ['x'] }).buildpacks, [])
})

test('a generated secret has 64 hexadecimal characters', () => {
  const { manifest } = parseAppJson('{"env": {"KEY": {"generator": "secret"}}}')

  assert.match(planSetup(manifest, NOTHING).config[0]?.value ?? '', /^[0-9a-f]{64}$/)
})

test('what is wrong in a manifest is named with its place, and the rest is used', () => {
  const { manifest, wrong } = parseAppJson(
    JSON.stringify({
      env: { GOOD: 'yes', PORT: 3000, BAD: ['x'], 'no-name': 'x', S: { generator: 'secret' } },
      addons: ['bucketeer', 3, { plan: 'heroku-postgresql' }],
      buildpacks: 'heroku/python',
      formation: { web: { quantity: 'many', size: 'basic' } },
      scripts: { postdeploy: 'true' },
    }),
  )

  assert.deepEqual(Object.keys(manifest.env), ['GOOD', 'PORT', 'S'])
  assert.deepEqual(
    manifest.addons.map(({ plan }) => plan),
    ['bucketeer', 'heroku-postgresql'],
  )
  assert.deepEqual(manifest.formation, { web: { size: 'basic' } })
  assert.equal(manifest.scripts.postdeploy, 'true')
  const places = wrong.map(
    (line) => /^app\.json: (\S+) is not used\. Expected: /.exec(line)?.[1] ?? line,
  )
  assert.deepEqual(places.toSorted(), [
    'addons.1',
    'buildpacks',
    'env.BAD',
    'env.no-name',
    'formation.web.quantity',
  ])
  assert.match(wrong.join(), /addons: \["heroku-postgresql:mini"\]/)
  assert.match(parseAppJson('[]').wrong[0] ?? '', /not a JSON object/)
  assert.throws(() => parseAppJson('{'), /app\.json is not valid JSON/)
})
