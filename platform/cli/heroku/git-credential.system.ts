import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gitCredentialScript } from './git-credential.ts'

const home = mkdtempSync(join(tmpdir(), 'hokku-credential-'))
after(() => rmSync(home, { recursive: true, force: true }))

const NETRC = `machine api.heroku.com
  login me@example.com
  password for-heroku
machine localhost:8080 login me@example.com password from-login
`
writeFileSync(join(home, '.netrc'), NETRC)

/** What git gets when it asks for `url`. */
function ask(
  env: Record<string, string>,
  { verb = 'get', protocol = 'https', host = 'localhost:8080' } = {},
): string {
  const { stdout } = spawnSync('sh', ['-c', gitCredentialScript, 'helper', verb], {
    input: `protocol=${protocol}\nhost=${host}\nwwwauth[]=Basic realm="a=b"\n\n`,
    env: { PATH: process.env['PATH'], HOME: home, HEROKU_HOST: 'http://localhost:8080', ...env },
    encoding: 'utf8',
  })
  return stdout
}

test('git gets the API key of the shell', () => {
  assert.equal(ask({ HEROKU_API_KEY: 'of-shell' }), 'username=heroku\npassword=of-shell\n')
})

test('without a key in the shell, git gets that of heroku login for this host', () => {
  assert.equal(ask({}), 'username=heroku\npassword=from-login\n')
})

test('nothing is given to another host, over http, or when git stores and erases', () => {
  const env = { HEROKU_API_KEY: 'of-shell' }

  assert.equal(ask(env, { host: 'github.com' }), '')
  assert.equal(ask(env, { host: 'localhost:80800' }), '')
  assert.equal(ask(env, { protocol: 'http' }), '')
  assert.equal(ask(env, { verb: 'store' }), '')
  assert.equal(ask({ ...env, HEROKU_HOST: '' }), '')
})

test('without a key or a login git is left to ask', () => {
  assert.equal(ask({ HEROKU_HOST: 'http://localhost:9090' }, { host: 'localhost:9090' }), '')
  assert.equal(ask({ HOME: join(home, 'nowhere') }), '')
})
