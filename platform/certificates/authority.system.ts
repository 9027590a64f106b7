import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openAuthority } from './index.ts'

const openssl = (...args: string[]): string => {
  const { stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
  return stdout + stderr
}

test('OpenSSL accepts every kind of leaf at its strictest', async (t) => {
  if (spawnSync('openssl', ['version']).error !== undefined) return t.skip('needs openssl')
  const directory = await mkdtemp(join(tmpdir(), 'hokku-openssl-'))
  const authority = await openAuthority(directory)
  const long = `${'a-long-label-of-sixty-three-characters-which-is-as-much-as-goes-'.slice(0, 62)}.example`
  const names = [
    'localhost',
    'demo.localhost',
    '*.shop.example',
    '203.0.113.7',
    '2001:db8::1',
    long,
  ]

  const files = await Promise.all(
    names.map(async (name) => (await authority.leafFiles(name)).certFile),
  )
  const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile']
  const verdict = openssl(...verify, authority.rootFile, ...files)

  assert.equal(verdict, files.map((file) => `${file}: OK\n`).join(''))
  assert.match(openssl('x509', '-in', authority.rootFile, '-noout', '-text'), /CA:TRUE, pathlen:0/)
  assert.match(
    openssl('verify', '-verify_ip', '2001:db8::1', '-CAfile', authority.rootFile, files[4] ?? ''),
    /: OK/,
  )
  await rm(directory, { recursive: true })
})
