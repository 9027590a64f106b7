import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { homeAt, openStore } from '../store/index.ts'
import { ensureOwner, rotateOwnerToken } from './first-start.ts'

function firstStart(context: TestContext) {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'hokku-owner-')))
  const store = openStore(home)
  context.after(() => {
    store.close()
    rmSync(home.root, { recursive: true, force: true })
  })
  ensureOwner(home, store)
  return { home, store, tokenOf: () => readFileSync(home.token, 'utf8').trim() }
}

test('the first start makes the owner and a token that only the owner of the file reads', (t) => {
  const { home, store, tokenOf } = firstStart(t)

  const [owner] = store.accounts.list()

  assert.equal(owner?.role, 'owner')
  assert.equal(store.accounts.holderOf(tokenOf())?.account.id, owner?.id)
  assert.equal(statSync(home.token).mode & 0o777, 0o600)
})

test('later starts find the token again', (t) => {
  const { home, store, tokenOf } = firstStart(t)
  const first = tokenOf()

  ensureOwner(home, store)

  assert.equal(tokenOf(), first)
})

test('a new token takes the place of the old one, which is not valid any more', (t) => {
  const { home, store, tokenOf } = firstStart(t)
  const old = tokenOf()

  const token = rotateOwnerToken(home, store)

  assert.equal(tokenOf(), token)
  assert.equal(store.accounts.holderOf(old), undefined)
  assert.notEqual(store.accounts.holderOf(token), undefined)
})

test('after a crash between file and store, the next start revokes the old token', (t) => {
  const { home, store, tokenOf } = firstStart(t)
  const old = tokenOf()
  writeFileSync(home.token, 'HRKU-written-before-the-crash\n')

  ensureOwner(home, store)

  assert.equal(store.accounts.holderOf(old), undefined)
  assert.notEqual(store.accounts.holderOf('HRKU-written-before-the-crash'), undefined)
})
