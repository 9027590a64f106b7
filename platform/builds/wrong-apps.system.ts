import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestPlane, type Files } from './testing.ts'

const plane = await openTestPlane()
after(() => plane.close())

let counter = 0

/** What a push of these files prints; it has to be declined. */
async function declined(files: Files): Promise<string> {
  const app = plane.app(`wrong-${counter++}`)
  const repository = await plane.repository(files)
  const { code, output } = await repository.git('push', plane.remote(app), 'main')
  assert.equal(code, 1, output)
  assert.match(output, /Push rejected, failed to compile/)
  assert.doesNotMatch(output, /error in hokku|node:internal|\n +at /)
  return output
}

const JSON_WITH = (more: object): string =>
  JSON.stringify({ name: 'app', version: '1.0.0', ...more })

test('a file .heroku is in the way of every buildpack, and is named', async () => {
  for (const file of ['package.json', 'requirements.txt', 'go.mod', 'Cargo.toml', 'init.R']) {
    const content = file === 'package.json' ? '{}' : ''
    assert.match(
      await declined({ '.heroku': 'a file', [file]: content }),
      /The app has a file \.heroku/,
      file,
    )
  }
})

test('environments that are checked in are declined with the command that takes them out', async () => {
  const files = { 'requirements.txt': '', Procfile: 'web: python app.py\n' }

  for (const folder of ['.venv', 'venv']) {
    const output = await declined({ ...files, [`${folder}/pyvenv.cfg`]: 'home = /usr/bin\n' })
    assert.ok(output.includes(`git rm -r --cached ${folder}`), output)
  }
})

test('lock files of two package managers are declined by their names', async () => {
  const node = await declined({
    'package.json': JSON_WITH({}),
    'package-lock.json': '{}',
    'yarn.lock': '',
  })
  const python = await declined({ 'uv.lock': '', 'poetry.lock': '', 'pyproject.toml': '' })

  assert.match(node, /package-lock\.json[^]*yarn\.lock|yarn\.lock[^]*package-lock\.json/)
  assert.match(python, /poetry\.lock, uv\.lock/)
})

test('versions with control characters never reach the terminal as they are', async () => {
  const evil = '3.1\u001b[31m2\u0007'
  const outputs = [
    await declined({ 'requirements.txt': '', '.python-version': evil }),
    await declined({ 'requirements.txt': '', 'runtime.txt': `python-${evil}` }),
    await declined({ 'package.json': JSON_WITH({ engines: { node: evil } }) }),
    await declined({ 'package.json': JSON_WITH({ engines: { yarn: evil } }), 'yarn.lock': '' }),
    await declined({ Dockerfile: `FROM python:${evil}\n` }),
  ]

  for (const output of outputs) {
    assert.ok(!output.includes('\u0007') && !output.includes('\u001b[31m'), JSON.stringify(output))
  }
})
