import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { exportLines } from './environment.ts'

const client = {
  address: { port: 8080 },
  binFolder: "/home/o'brien/.hokku/bin",
  bundleFile: '/x/bundle.pem',
  token: 'secret',
  root: "/home/o'brien/.hokku",
}

test('a shell that evaluates the lines has the variables, regardless of the name of the folder', () => {
  const script = `${exportLines(client)}\nprintf '%s|%s|%s' "$HOKKU_HOME" "$HEROKU_API_KEY" "$PATH"`

  const printed = execFileSync('/bin/sh', ['-c', script], {
    env: { PATH: '/bin' },
    encoding: 'utf8',
  })

  assert.equal(printed, "/home/o'brien/.hokku|secret|/home/o'brien/.hokku/bin:/bin")
})

test('without a key the variable is taken away, so that heroku login works', () => {
  const script = `${exportLines({ ...client, token: null })}\nprintf '%s' "\${HEROKU_API_KEY-unset}"`

  const env = { PATH: '/bin', HEROKU_API_KEY: 'old' }

  assert.equal(execFileSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' }), 'unset')
})

test('git asks our helper for the credentials of this platform, and of no other host', () => {
  const helper = (url: string): string =>
    execFileSync(
      '/bin/sh',
      ['-c', `${exportLines(client)}\ngit config --get-urlmatch credential.helper ${url} || true`],
      { env: { PATH: process.env['PATH'] }, encoding: 'utf8' },
    )

  assert.equal(helper('https://localhost:8080/app.git'), 'hokku\n')
  assert.equal(helper('https://example.com/app.git'), '')
})

test('a remote as documents write it for Heroku leads to this platform, in this shell only', () => {
  const address = (url: string): string =>
    execFileSync('/bin/sh', ['-c', `${exportLines(client)}\ngit ls-remote --get-url ${url}`], {
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
    }).trim()

  for (const url of [
    'git@heroku.com:shop.git',
    'ssh://git@heroku.com/shop.git',
    'https://git.heroku.com/shop.git',
  ]) {
    assert.equal(address(url), 'https://localhost:8080/shop.git')
  }
  assert.equal(address('git@github.com:me/shop.git'), 'git@github.com:me/shop.git')
})
