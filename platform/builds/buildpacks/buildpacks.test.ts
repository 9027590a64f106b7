import assert from 'node:assert/strict'
import { test } from 'node:test'
import { npmFor } from './nodejs/npm-version.ts'
import { nearest, wantedVersion } from './python/interpreter.ts'
import { readRequirements } from './python/requirements.ts'
import { globPattern, parseSite } from './static/server/site.ts'

const python = (version: string) => ({ program: `/usr/bin/python${version}`, version })

test('Node gets the newest npm that runs on it', () => {
  const versions = ['24.1.0', '22.4.0', '20.17.0', '18.20.0', '16.20.0', '12.22.0', '8.0.0']

  assert.deepEqual(versions.map(npmFor), ['11', '10', '11', '10', '9', '8', '6'])
})

test('a Python that is not installed is replaced by the nearest', () => {
  const found = [python('3.11.2'), python('3.9.7'), python('3.13.0')]

  assert.equal(nearest(found, undefined)?.version, '3.11.2')
  assert.equal(nearest(found, '3.13')?.version, '3.13.0')
  assert.equal(nearest(found, '3.8.1')?.version, '3.9.7')
  assert.equal(nearest(found, '3.12')?.version, '3.13.0')
  assert.equal(nearest([], '3.12'), undefined)
})

test('.python-version comes before runtime.txt', () => {
  const files: Record<string, string> = { 'runtime.txt': 'python-3.9.1\n' }
  const textOf = (name: string): string | undefined => files[name]

  assert.equal(wantedVersion(textOf), '3.9.1')
  files['.python-version'] = '# comment\n3.12\n'
  assert.equal(wantedVersion(textOf), '3.12')
  files['.python-version'] = 'pypy3'
  assert.throws(() => wantedVersion(textOf), /"pypy3" is no Python version/)
})

test('requirements count with what they include', () => {
  const files: Record<string, string> = {
    'requirements.txt': '-r more/base.txt\nflask # web\n',
    'more/base.txt': '-c limits.txt\n-r ../requirements.txt\nsix\n',
    'more/limits.txt': 'six<2\n',
  }
  const read = readRequirements('requirements.txt', (name) => files[name])

  assert.deepEqual(
    read.files.map((file) => file.name),
    ['requirements.txt', 'more/base.txt', 'more/limits.txt'],
  )
  assert.equal(read.includesSource, false)
  assert.equal(readRequirements('r.txt', () => '-e .\n').includesSource, true)
  assert.equal(readRequirements('r.txt', () => './lib\n').includesSource, true)
})

test('static.json may not lead out of the app', () => {
  assert.equal(parseSite('{"root": "../.."}').wrong, 'static.json: "root" leads out of the app')
  assert.equal(parseSite('{').wrong, 'static.json is not valid JSON')
  assert.equal(parseSite('{}').site.root, 'public_html')
  assert.equal(parseSite(undefined).site.root, '.')
  assert.deepEqual(parseSite('{"proxies": {}}').ignored, ['proxies'])
})

test('in static.json ** stands for anything and * for one name', () => {
  assert.ok(globPattern('/assets/**').test('/assets/a/b.css'))
  assert.ok(globPattern('/*.html').test('/a.html'))
  assert.ok(!globPattern('/*.html').test('/a/b.html'))
  assert.ok(!globPattern('/a.c').test('/abc'))
})
