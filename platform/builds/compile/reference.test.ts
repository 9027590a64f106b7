import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { builtIns } from './catalogue.ts'
import { displayName, parseReference } from './reference.ts'

const known = builtIns(join(import.meta.dirname, '../../..'))

const nameOf = (text: string): string => {
  const reference = parseReference(text, known)
  return reference.kind === 'built-in' ? reference.builtIn.name : reference.kind
}

test('what Heroku’s users type means our buildpack', () => {
  for (const text of [
    'heroku/nodejs',
    'urn:buildpack:heroku/nodejs',
    'https://github.com/heroku/heroku-buildpack-nodejs',
    'https://github.com/heroku/heroku-buildpack-nodejs.git',
    'https://github.com/heroku/heroku-buildpack-nodejs.git#main',
    'https://GitHub.com/heroku/heroku-buildpack-nodejs/',
    'https://buildpack-registry.s3.amazonaws.com/buildpacks/heroku/nodejs.tgz',
  ]) {
    assert.equal(nameOf(text), 'heroku/nodejs', text)
  }
})

test('other addresses are git repositories or tarballs', () => {
  assert.deepEqual(parseReference('https://example.com/pack.git#v1.2', known), {
    kind: 'git',
    url: 'https://example.com/pack.git',
    ref: 'v1.2',
  })
  assert.equal(nameOf('https://example.com/pack.tgz'), 'tarball')
  assert.equal(nameOf('https://example.com/pack.tar.gz?token=1'), 'tarball')
})

test('names of Heroku’s registry lead to their repositories, apt to our own buildpack', () => {
  assert.deepEqual(parseReference('urn:buildpack:heroku/ruby', known), {
    kind: 'git',
    url: 'https://github.com/heroku/heroku-buildpack-ruby',
    ref: null,
  })
  assert.equal(nameOf('heroku-community/nginx'), 'git')
  assert.equal(nameOf('heroku-community/apt'), 'hokku/apt')
})

test('what is neither is refused, with the names that there are', () => {
  for (const text of [
    'heroku/cobol',
    'file:///etc',
    'ext::sh -c id',
    'git@github.com:heroku/x.git',
    'https://example.com/pack.git#--upload-pack=id',
    'https://example.com/pack.git#$(id)',
  ]) {
    assert.throws(() => parseReference(text, known), { code: 'invalid_params' }, text)
  }
})

test('the CLI shows the name where there is one', () => {
  assert.equal(displayName('urn:buildpack:heroku/python'), 'heroku/python')
  assert.equal(displayName('https://example.com/x.git'), 'https://example.com/x.git')
})

test('frameworks are asked before languages, and the Procfile last', () => {
  const orders = known.map((one) => one.order)
  const frameworks = known.filter((one) => one.framework !== null)

  assert.deepEqual(
    orders,
    orders.toSorted((a, b) => a - b),
  )
  assert.equal(new Set(orders).size, orders.length)
  assert.ok(frameworks.every((one) => one.order < 40))
  assert.equal(known.at(-1)?.name, 'hokku/procfile')
})
