import { problem, type Account, type App, type Store } from '../store/index.ts'
import type { Permission } from './permissions.ts'

/** An account, and the link by which its person makes the first token; null if there need be none. */
export type Invited = Readonly<{ account: Account; secret: string | null; note: string | null }>

/** Time to read one's mail. */
export const INVITATION_MS = 24 * 3600 * 1000

/**
 * Finds or makes the account of a person, with a link for who has none yet.
 *
 * A link lets its holder in as that person. So for an account that exists, only the owner of the
 * installation gets one, or the one who invited the person, as long as no one has used the link.
 *
 * @param again makes a link even if the person has been in
 */
export function invite(store: Store, by: Account, email: string, again = false): Invited {
  const found = store.accounts.find(email)
  const account = found ?? store.accounts.create(email)
  const invitations = store.invitations.ofAccount(account.id)
  const isIn =
    store.accounts.authorizations(account.id).length > 0 ||
    invitations.some(({ usedAt }) => usedAt !== null)
  const mayLink =
    found === undefined ||
    (by.role === 'owner' && (again || !isIn)) ||
    (!isIn && invitations.length > 0 && invitations.every(({ invitedBy }) => invitedBy === by.id))
  if (!mayLink) return { account, secret: null, note: isIn ? null : waiting(account) }
  const expiresAt = new Date(Date.parse(store.now()) + INVITATION_MS).toISOString()
  const { secret } = store.invitations.create(account.id, by.id, expiresAt)
  return { account, secret, note: null }
}

const waiting = ({ email }: Account): string =>
  `${email} has not signed in yet. The owner of this installation can make a new link with: hokku invite ${email}`

/** Lets a person use an app. @throws Problem `invalid_params` for its owner */
export function share(
  store: Store,
  app: App,
  account: Account,
  permissions?: readonly Permission[],
) {
  if (account.id === app.ownerId) {
    throw problem('invalid_params', `${account.email} owns ${app.name} already.`)
  }
  return store.collaborators.add(app.id, account.id, permissions)
}

/** Where a link leads. */
export const invitationPath = (secret: string): string => `/join/${secret}`
