import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openHome } from './check-home.ts'

function homeBelow(context: TestContext, mode: number): { above: string; home: string } {
  const above = mkdtempSync(join(tmpdir(), 'hokku-closed-'))
  context.after(() => rmSync(above, { recursive: true, force: true }))
  const home = join(above, 'home')
  mkdirSync(home, { mode: 0o700 })
  chmodSync(above, mode)
  return { above, home }
}

test('a home below a folder that is closed to others is refused, with the folder named', (context) => {
  const { above, home } = homeBelow(context, 0o700)

  assert.throws(() => openHome(home, true), {
    code: 'home_closed',
    message: `${above} lets no other user pass, so ${home} cannot be used.`,
  })
})

test('a closed home in an open folder is opened for passing, not for listing', (context) => {
  const { home } = homeBelow(context, 0o755)

  openHome(home, true)

  assert.equal(statSync(home).mode & 0o777, 0o711)
})

test('without root everything runs as one user, and any home does', (context) => {
  const { home } = homeBelow(context, 0o700)

  openHome(home, false)

  assert.equal(statSync(home).mode & 0o777, 0o700)
})
