import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openAuthority } from './index.ts'

const folder = () => mkdtemp(join(tmpdir(), 'hokku-certificates-'))
const DAY = 86_400_000

test('a leaf carries its host name and is signed by the root', async () => {
  const authority = await openAuthority(await folder())

  const leaf = new X509Certificate((await authority.leaf('Demo.localhost')).certPem)
  const root = new X509Certificate(await readFile(authority.rootFile))

  assert.equal(leaf.subjectAltName, 'DNS:demo.localhost')
  assert.equal(leaf.checkHost('demo.localhost'), 'demo.localhost')
  assert.ok(leaf.checkIssued(root) && leaf.verify(root.publicKey))
  assert.ok(root.ca && !leaf.ca)
})

test('localhost and the loopback addresses share one leaf', async () => {
  const authority = await openAuthority(await folder())

  const leaves = await Promise.all(['localhost', '127.0.0.1', '::1'].map(authority.leaf))

  const certificate = new X509Certificate(leaves[0]?.certPem ?? '')
  assert.equal(new Set(leaves.map((leaf) => leaf.certPem)).size, 1)
  assert.deepEqual(
    [
      certificate.checkHost('localhost'),
      certificate.checkIP('127.0.0.1'),
      certificate.checkIP('::1'),
    ],
    ['localhost', '127.0.0.1', '::1'],
  )
})

test('other addresses get a leaf with an address, IPv6 too', async () => {
  const authority = await openAuthority(await folder())

  const four = new X509Certificate((await authority.leaf('203.0.113.7')).certPem)
  const six = new X509Certificate((await authority.leaf('2001:db8::a:0:7')).certPem)

  assert.equal(four.checkIP('203.0.113.7'), '203.0.113.7')
  assert.equal(six.checkIP('2001:db8::a:0:7'), '2001:db8::a:0:7')
})

test('a wildcard stands for the names below it', async () => {
  const authority = await openAuthority(await folder())

  const leaf = new X509Certificate((await authority.leaf('*.shop.example')).certPem)

  assert.equal(leaf.checkHost('a.shop.example'), '*.shop.example')
})

test('what is not a host name is refused, so that it cannot become a path', async () => {
  const authority = await openAuthority(await folder())

  for (const name of ['../root', 'a/b', '', '.', '*.', '*.*.a', 'a.*.b', 'a..b', '-a', 'a b']) {
    await assert.rejects(authority.leaf(name), TypeError, name)
  }
})

test('reopened, even twice at once, root and leaves stay the same', async () => {
  const directory = await folder()
  const [one, two] = await Promise.all([openAuthority(directory), openAuthority(directory)])
  const first = await one.leaf('demo.localhost')

  const again = await (await openAuthority(directory)).leaf('demo.localhost')

  assert.deepEqual(again, first)
  assert.deepEqual(await two.leaf('demo.localhost'), first)
})

test('a leaf is renewed in the last third of its life', async () => {
  const directory = await folder()
  let days = 0
  const now = () => new Date(Date.now() + days * DAY)
  const authority = await openAuthority(directory, { now })
  const first = await authority.leaf('demo.localhost')

  days = 200
  const kept = await authority.leaf('demo.localhost')
  days = 300
  const renewed = await authority.leaf('demo.localhost')

  assert.equal(kept.certPem, first.certPem)
  assert.notEqual(renewed.certPem, first.certPem)
  assert.ok(new X509Certificate(renewed.certPem).validToDate.getTime() > Date.now() + 600 * DAY)
})

test('a damaged leaf is replaced', async () => {
  const authority = await openAuthority(await folder())
  const { certFile } = await authority.leafFiles('demo.localhost')
  await writeFile(certFile, 'rubbish')

  const reopened = await openAuthority(join(certFile, '../..'))

  assert.ok(new X509Certificate((await reopened.leaf('demo.localhost')).certPem))
})

test('keys are for the owner only, root and bundle for everyone', async () => {
  const directory = await folder()
  const authority = await openAuthority(directory)
  const { keyFile } = await authority.leafFiles('demo.localhost')

  const modes = await Promise.all(
    [join(directory, 'authority.pem'), keyFile, authority.rootFile, authority.bundleFile].map(
      async (path) => ((await stat(path)).mode & 0o777).toString(8),
    ),
  )

  assert.deepEqual(modes, ['600', '600', '644', '644'])
})

test("the bundle holds the system's authorities, the user's and ours, each once", async () => {
  const directory = await folder()
  const other = await openAuthority(await folder())
  const plain = await openAuthority(directory)
  const before = (await readFile(plain.bundleFile, 'utf8')).match(/BEGIN/g)?.length ?? 0

  const trusted = [other.rootFile, plain.bundleFile, join(directory, 'nowhere.pem')]
  const { bundleFile, rootFile } = await openAuthority(directory, { trusted })
  await openAuthority(directory, { trusted })

  const bundle = await readFile(bundleFile, 'utf8')
  assert.equal(bundle.match(/BEGIN/g)?.length, before + 1)
  assert.ok(bundle.includes((await readFile(other.rootFile, 'utf8')).trim()))
  assert.ok(bundle.includes((await readFile(rootFile, 'utf8')).trim()))
})
