import assert from 'node:assert/strict'
import { test } from 'node:test'
import { npmFor } from './nodejs/npm-version.ts'
import { globPattern, parseSite } from './static/server/site.ts'

test('Node gets the newest npm that runs on it', () => {
  const versions = ['24.1.0', '22.4.0', '20.17.0', '18.20.0', '16.20.0', '12.22.0', '8.0.0']

  assert.deepEqual(versions.map(npmFor), ['11', '10', '11', '10', '9', '8', '6'])
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
