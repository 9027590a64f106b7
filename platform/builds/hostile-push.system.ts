import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { App } from '../store/index.ts'
import { openTestPlane, runHere, type Ran, type TestPlane, type TestRepository } from './testing.ts'

const SECRET = 'HRKU-0123-not-for-tenants'

/** A folder of root's beside the platform's: what no push may read, move or change. */
function makeVictim(plane: TestPlane): { folder: string; secret: string } {
  const folder = join(plane.folder, 'victim')
  mkdirSync(join(folder, 'node'), { recursive: true, mode: 0o700 })
  const secret = join(folder, 'node/secret.txt')
  writeFileSync(secret, `${SECRET}\n`, { mode: 0o600 })
  chmodSync(folder, 0o700)
  return { folder, secret }
}

async function commitLink(repository: TestRepository, name: string, target: string): Promise<void> {
  symlinkSync(target, join(repository.folder, name))
  await repository.git('add', '--all', '--force')
  await repository.git('commit', '--quiet', '--message', 'Link')
}

/** The secret stands nowhere: not in the push, a build record, a process type or a log line. */
function assertUntold(plane: TestPlane, app: App, push: Ran): void {
  const shown = JSON.stringify([
    push.output,
    plane.store.builds.list(app.id),
    plane.store.slugs.list(app.id),
    plane.asked,
  ])
  assert.ok(!shown.includes(SECRET), shown)
}

for (const plain of [false, true]) {
  describe(plain ? 'plain' : 'as the machine allows', async () => {
    const plane = await openTestPlane({ plain })
    after(() => plane.close())
    const victim = makeVictim(plane)
    const name = (what: string): string => `${what}-${plain ? 'plain' : 'own'}`

    for (const [what, target] of [
      ['absolute', victim.secret],
      ['relative', '../../../victim/node/secret.txt'],
      ['proc', `/proc/self/root${victim.secret}`],
      ['device', '/dev/zero'],
    ] as const) {
      test(`a Procfile that is a link out of the app is refused (${what})`, async () => {
        const app = plane.app(name(`procfile-${what}`))
        const repository = await plane.repository({ 'package.json': '{"name": "x"}' })
        await commitLink(repository, 'Procfile', target)

        const push = await repository.git('push', plane.remote(app), 'main')

        assert.notEqual(push.code, 0)
        assert.match(push.output, /Procfile is a symbolic link that does not lead to a file of the/)
        assertUntold(plane, app, push)
      })
    }

    test('an app.json that is a link out of the app is reported and ignored', async () => {
      const app = plane.app(name('app-json'))
      const repository = await plane.repository({ Procfile: 'web: sleep 99\n' })
      await commitLink(repository, 'app.json', victim.secret)

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      assert.match(push.output, /app\.json is a symbolic link that does not lead to a file/)
      assertUntold(plane, app, push)
    })

    test('a .slugignore that is a link out of the app is refused', async () => {
      const app = plane.app(name('slugignore'))
      const repository = await plane.repository({ Procfile: 'web: sleep 99\n' })
      await commitLink(repository, '.slugignore', victim.secret)

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.notEqual(push.code, 0)
      assert.match(push.output, /\.slugignore is a symbolic link/)
      assertUntold(plane, app, push)
    })

    test('a Procfile that is a link inside the app deploys', async () => {
      const app = plane.app(name('inside'))
      const repository = await plane.repository({ 'deploy/Procfile': 'web: sleep 99\n' })
      await commitLink(repository, 'Procfile', 'deploy/Procfile')

      const push = await repository.git('push', plane.remote(app), 'main')

      assert.equal(push.code, 0, push.output)
      assert.equal(plane.store.slugs.list(app.id)[0]?.processTypes['web'], 'sleep 99')
    })

    for (const [what, script] of [
      ['.heroku becomes a link', `rm -rf .heroku; ln -s ${victim.folder} .heroku`],
      ['node_modules becomes a link', `rm -rf node_modules; ln -s ${victim.folder} node_modules`],
      ['Procfile becomes a link', `rm Procfile; ln -s ${victim.secret} Procfile`],
      ['Procfile becomes a pipe', 'rm Procfile; mkfifo Procfile'],
      ['.heroku/node becomes a link', `rm -rf .heroku/node; ln -s ${victim.folder} .heroku/node`],
      ['a hard link to root’s file', `ln ${victim.secret} stolen || true`],
      ['the tree is full of links', 'for i in $(seq 300); do ln -s / link$i; done'],
    ] as const) {
      test(`nothing of root's is read or moved when in a build ${what}`, async () => {
        const app = plane.app(name(`build-${what.replaceAll(/[^a-z]+/gi, '-').toLowerCase()}`))
        const repository = await plane.repository({
          Procfile: 'web: sleep 99\n',
          'package.json': JSON.stringify({ name: 'x', scripts: { 'heroku-postbuild': script } }),
        })

        const push = await repository.git('push', plane.remote(app), 'main')

        assertUntold(plane, app, push)
        assert.equal(readFileSync(victim.secret, 'utf8'), `${SECRET}\n`)
        assert.deepEqual(readdirSync(victim.folder), ['node'])
        assert.equal(grepTree(plane.home.unpacked), '')
        assert.equal(grepTree(plane.home.slugs), '')
      })
    }

    test('a tree with an entry that git would never write is refused by git', async () => {
      const app = plane.app(name('malformed'))
      const repository = await plane.repository({ Procfile: 'web: sleep 99\n' })
      for (const entry of ['..', '.git', 'a/../../b']) {
        const commit = await commitOf(repository, entry)
        const push = await repository.git('push', plane.remote(app), `${commit}:refs/heads/main`)

        assert.notEqual(push.code, 0)
        assert.match(push.output, /error: object [0-9a-f]{40}: (hasDotdot|hasDotgit|fullPathname)/)
      }
      assert.deepEqual(plane.builds.list(app.id), [])
    })
  })
}

/** A commit whose tree has a file of that name, however wrong. */
async function commitOf({ folder, git }: TestRepository, entry: string): Promise<string> {
  const blob = (await git('hash-object', '-w', 'Procfile')).output.trim()
  const raw = Buffer.concat([
    Buffer.from(`100644 ${entry}\0`),
    Buffer.from(blob, 'hex'),
    Buffer.from(`100644 Procfile\0`),
    Buffer.from(blob, 'hex'),
  ])
  writeFileSync(join(folder, '.git/raw-tree'), raw)
  const { output } = await runHere(
    ['git', 'hash-object', '-t', 'tree', '-w', '--literally', '.git/raw-tree'],
    folder,
  )
  return (await git('commit-tree', output.trim(), '-m', 'evil')).output.trim()
}

/** Files below a folder that hold the secret, links not followed. */
function grepTree(folder: string): string {
  if (!existsSync(folder)) return ''
  return spawnSync('grep', ['-rl', SECRET, folder]).stdout.toString()
}
