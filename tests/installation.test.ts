import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

/** What `npm ci --omit=dev` brings, read from the lock files (decisions/small-installation.md). */
type Locked = { dev?: true; optional?: true; link?: true; resolved?: string; inBundle?: true }

const ROOT = join(import.meta.dirname, '..')

const packagesOf = (file: string): [string, Locked][] => {
  const lock = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as {
    packages: Record<string, Locked>
  }
  return Object.entries(lock.packages).filter(([path]) => path.includes('node_modules/'))
}

/** The README's path takes under a minute and 300 MB with about 210. */
const PACKAGES_MAX = 250

test('an installation without the official CLI stays small', () => {
  const installed = packagesOf('package-lock.json').filter(
    ([, { dev, optional, link, inBundle }]) => !dev && !optional && !link && !inBundle,
  )

  const names = installed.map(([path]) => path)
  assert.ok(installed.length <= PACKAGES_MAX, `${installed.length} packages:\n${names.join('\n')}`)
  for (const large of ['heroku', 'typescript', '@electric-sql/pglite', 'playwright-core']) {
    assert.ok(!names.includes(`node_modules/${large}`), large)
  }
})

test('lock files name no registry, so that every machine uses its own', () => {
  for (const file of ['package-lock.json', 'platform/cli/heroku/package-lock.json']) {
    const hosts = packagesOf(file).filter(([, { resolved }]) => resolved?.includes('://'))

    assert.deepEqual(hosts, [], file)
  }
})

test('the lock file of the official CLI is that of its package.json', () => {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(join(ROOT, 'platform/cli/heroku', name), 'utf8'))
  const { dependencies } = read('package.json') as { dependencies: object }
  const { packages } = read('package-lock.json') as {
    packages: Record<string, { dependencies?: object; version: string }>
  }

  assert.deepEqual(packages['']?.dependencies, dependencies)
  assert.deepEqual(dependencies, { heroku: packages['node_modules/heroku']?.version })
})
