import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { OWNER_TOKEN } from '../api/index.ts'
import { newSecret, type Home, type Store } from '../store/index.ts'

/** Makes the owner's account and token if there are none yet. Later starts find them again. */
export function ensureOwner(home: Home, store: Store): void {
  const token = existsSync(home.token)
    ? readFileSync(home.token, 'utf8').trim()
    : newSecret('HRKU-')
  if (store.accounts.holderOf(token) !== undefined) return
  // The file first: a token that only the store knows would be lost.
  writeFileSync(home.token, `${token}\n`, { mode: 0o600 })
  chmodSync(home.token, 0o600)
  store.transaction(() => {
    const owner = store.accounts.list()[0] ?? store.accounts.create(ownerEmail(), 'owner')
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
