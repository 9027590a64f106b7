import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import {
  makeTenantFolder,
  moveTenantEntry,
  readTenantText,
  tenantEntry,
  tenantLink,
} from './tenant-files.ts'

const SECRET = 'HRKU-not-for-tenants'

/** A tree of an app, and beside it a file of the platform's that no link may lead to. */
function treeOf(context: TestContext): { tree: string; secret: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-tenant-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(folder, 'secret'), SECRET)
  return { tree, secret: join(folder, 'secret'), folder }
}

const read = (tree: string, path = 'Procfile'): Promise<string | null> =>
  readTenantText(tree, path, 1024)

test('a regular file is read, a missing one is null', async (context) => {
  const { tree } = treeOf(context)
  mkdirSync(join(tree, 'deep'))
  writeFileSync(join(tree, 'deep/Procfile'), 'web: run')

  assert.equal(await read(tree, 'deep/Procfile'), 'web: run')
  assert.equal(await read(tree, 'Procfile'), null)
  assert.equal(await read(tree, 'no/Procfile'), null)
  assert.equal(await read(tree, 'deep/Procfile/x'), null)
})

test('a link inside the tree is followed as the app would follow it', async (context) => {
  const { tree } = treeOf(context)
  mkdirSync(join(tree, 'deploy/heroku'), { recursive: true })
  writeFileSync(join(tree, 'deploy/heroku/Procfile'), 'web: run')
  symlinkSync('heroku', join(tree, 'deploy/current'))
  symlinkSync('deploy/../deploy/current/Procfile', join(tree, 'Procfile'))
  symlinkSync('/app/deploy/heroku/Procfile', join(tree, 'absolute'))

  assert.equal(await read(tree), 'web: run')
  assert.equal(await read(tree, 'absolute'), 'web: run')
})

const LEADING_OUT: readonly [string, (at: { secret: string }) => string][] = [
  ['an absolute link', ({ secret }) => secret],
  ['a relative link', () => '../secret'],
  ['a link over a folder of the tree', () => 'sub/../../secret'],
  ['a link to /proc/self/root', ({ secret }) => `/proc/self/root${secret}`],
  ['a link to /proc/self/cwd', () => '/proc/self/cwd'],
  ['a link to a device', () => '/dev/zero'],
  ['a link to itself', () => 'Procfile'],
  ['a link to the tree', () => '.'],
  ['a link to the folder above', () => '..'],
  ['a link below /app that leads out', () => '/app/../secret'],
]

for (const [what, target] of LEADING_OUT) {
  test(`${what} is refused, and nothing of its target is revealed`, async (context) => {
    const at = treeOf(context)
    mkdirSync(join(at.tree, 'sub'))
    symlinkSync(target(at), join(at.tree, 'Procfile'))

    await assert.rejects(read(at.tree), (error: Error) => {
      assert.match(error.message, /^Procfile is a symbolic link that does not lead to a file of/)
      assert.ok(!error.message.includes(SECRET))
      return true
    })
  })
}

test('a file behind a folder that is a link is refused', async (context) => {
  const { tree, folder } = treeOf(context)
  symlinkSync(folder, join(tree, 'config'))

  await assert.rejects(read(tree, 'config/secret'), { code: 'build_rejected' })
  assert.equal(await tenantEntry(tree, 'config/secret'), undefined)
  assert.equal(await tenantLink(tree, 'config'), folder)
})

test('pipes, sockets and folders are refused at once', async (context) => {
  const { tree } = treeOf(context)
  spawnSync('mkfifo', [join(tree, 'pipe')])
  mkdirSync(join(tree, 'folder'))
  const server = createServer().listen(join(tree, 'socket'))
  await new Promise((resolve) => server.once('listening', resolve))
  context.after(() => server.close())

  for (const name of ['pipe', 'folder', 'socket']) {
    await assert.rejects(read(tree, name), { message: new RegExp(`^${name} is a folder, device`) })
  }
})

test('a file over its limit is refused by its size', async (context) => {
  const { tree } = treeOf(context)
  writeFileSync(join(tree, 'exact'), 'x'.repeat(1024))
  writeFileSync(join(tree, 'Procfile'), 'x'.repeat(1025))

  assert.equal((await read(tree, 'exact'))?.length, 1024)
  await assert.rejects(read(tree), { message: 'Procfile is larger than 1 KiB.' })
})

test('a hard link shows what it links: only the app itself could make it', async (context) => {
  const { tree } = treeOf(context)
  writeFileSync(join(tree, 'one'), 'web: run')
  linkSync(join(tree, 'one'), join(tree, 'Procfile'))

  assert.equal(await read(tree), 'web: run')
})

test('a link that is swapped in while a file is read never leads out', async (context) => {
  const { tree, secret } = treeOf(context)
  const stop = new AbortController()
  const swapping = swapUntil(stop.signal, tree, secret)

  const seen = new Set<string>()
  for (let i = 0; i < 400; i++) {
    const text = await read(tree, 'etc/passwd').catch((error: Error) => error.message)
    seen.add(String(text))
  }
  stop.abort()
  await swapping

  assert.ok(![...seen].some((text) => text.includes(SECRET)), [...seen].join(', '))
  assert.ok(seen.has('mine'), 'the file itself was read in between')
})

/** Puts a folder of the app's and a link to the secret's folder in each other's place. */
async function swapUntil(signal: AbortSignal, tree: string, secret: string): Promise<void> {
  mkdirSync(join(tree, 'real'))
  writeFileSync(join(tree, 'real/passwd'), 'mine')
  const stolen = join(secret, '../stolen')
  mkdirSync(stolen)
  writeFileSync(join(stolen, 'passwd'), SECRET)
  symlinkSync(stolen, join(tree, 'link'))
  const etc = join(tree, 'etc')
  for (let turn = 0; !signal.aborted; turn++) {
    for (const name of ['real', 'link']) {
      renameSync(join(tree, name), etc)
      renameSync(etc, join(tree, name))
    }
    // Left in place over some turns of the loop, so that a read can begin with either.
    const shown = join(tree, turn % 2 === 0 ? 'real' : 'link')
    renameSync(shown, etc)
    await nextTurn()
    renameSync(etc, shown)
    await nextTurn()
  }
}

test('an entry is moved as it is; one behind a link is not there', async (context) => {
  const { tree, folder } = treeOf(context)
  mkdirSync(join(tree, '.heroku/node'), { recursive: true })
  writeFileSync(join(tree, '.heroku/node/bin'), 'x')
  mkdirSync(join(folder, 'victim/node'), { recursive: true })
  symlinkSync(join(folder, 'victim'), join(tree, '.other'))
  symlinkSync(join(folder, 'victim'), join(tree, 'link'))

  await moveTenantEntry(tree, '.heroku/node', join(folder, 'kept'))
  await moveTenantEntry(tree, 'link', join(folder, 'kept-link'))

  assert.equal(readFileSync(join(folder, 'kept/bin'), 'utf8'), 'x')
  await assert.rejects(moveTenantEntry(tree, '.other/node', join(folder, 'stolen')), {
    code: 'ENOENT',
  })
  assert.equal(await tenantEntry(folder, 'victim/node'), 'folder')
  assert.equal(await tenantEntry(folder, 'kept-link'), 'link')
})

test('a folder is made in the tree, and never through a link', async (context) => {
  const { tree, folder } = treeOf(context)
  symlinkSync(folder, join(tree, 'out'))

  assert.equal(await makeTenantFolder(tree, 'a/b', null), join(tree, 'a/b'))
  assert.equal(await makeTenantFolder(tree, 'a/b', null), join(tree, 'a/b'))
  await assert.rejects(makeTenantFolder(tree, 'out/b', null), { code: 'build_rejected' })
  assert.equal(await tenantEntry(folder, 'b'), undefined)
})

test('any path and any link are read inside the tree, or refused', async (context) => {
  const { tree } = treeOf(context)
  const segment = fc.constantFrom('..', '.', '', 'a', 'b', 'secret', 'link', '/')
  const path = fc.array(segment, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'))
  mkdirSync(join(tree, 'a/b'), { recursive: true })

  await fc.assert(
    fc.asyncProperty(path, path, async (target, asked) => {
      rmSync(join(tree, 'a/link'), { force: true })
      symlinkSync(target === '' ? '.' : target, join(tree, 'a/link'))
      const outcome = await read(tree, asked).catch((error: unknown) => error)
      assert.ok(!String(outcome).includes(SECRET))
      if (outcome instanceof Error) assert.equal(Reflect.get(outcome, 'code'), 'build_rejected')
    }),
    { numRuns: 300 },
  )
})
