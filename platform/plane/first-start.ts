import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { OWNER_TOKEN } from '../api/index.ts'
import { newSecret, type Home, type Store } from '../store/index.ts'

/** Makes the owner's account and token if there are none yet. Later starts find them again. */
export function ensureOwner(home: Home, store: Store): void {
  const token = existsSync(home.token)
    ? readFileSync(home.token, 'utf8').trim()
    : newSecret('HRKU-')
  if (store.accounts.holderOf(token) !== undefined) return
  keepToken(home, token)
  authorizeOwner(store, token)
}

/**
 * Replaces the owner's token: the old one is not valid any more.
 *
 * @returns the new one, which `HOKKU_HOME/token` holds by then
 */
export function rotateOwnerToken(home: Home, store: Store): string {
  const token = newSecret('HRKU-')
  keepToken(home, token)
  authorizeOwner(store, token)
  return token
}

/** The file comes first: after a crash in between, the next start makes its token valid. */
function keepToken(home: Home, token: string): void {
  const temporary = `${home.token}.new`
  rmSync(temporary, { force: true })
  writeFileSync(temporary, `${token}\n`, { mode: 0o600, flush: true })
  renameSync(temporary, home.token)
}

/** Makes a token the only one of its kind. */
function authorizeOwner(store: Store, token: string): void {
  store.transaction(() => {
    const owner = store.accounts.list()[0] ?? store.accounts.create(ownerEmail(), 'owner')
    const old = store.accounts.authorizations(owner.id)
    for (const { id } of old.filter(({ description }) => description === OWNER_TOKEN)) {
      store.accounts.revoke(owner.id, id)
    }
    store.accounts.authorize(owner.id, OWNER_TOKEN, { token })
  })
}

/** The address that the user's commits carry, so that releases name a person. */
function ownerEmail(): string {
  try {
    const email = execFileSync('git', ['config', '--global', 'user.email'], {
      encoding: 'utf8',
    }).trim()
    if (email.includes('@')) return email
  } catch {
    // git is not there or has no address: both are fine.
  }
  return 'owner@localhost'
}
