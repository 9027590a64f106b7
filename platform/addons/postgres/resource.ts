import { randomBytes } from 'node:crypto'
import { problem, type Store } from '../../store/index.ts'
import { DatabaseResource, type Credential } from './schema.ts'

/** A database that is to be: random names, so that they give away nothing and never meet. */
export const draftDatabase = (): DatabaseResource => ({
  database: `d${randomName()}`,
  credentials: { default: newCredential() },
})

/** What is recorded of an add-on's database. */
export const storedDatabase = (addonId: string, store: Pick<Store, 'addons'>): DatabaseResource =>
  DatabaseResource.parse(store.addons.resource(addonId))

/** The credential of an attachment's namespace: `credential:NAME`, or null for the default one. */
export function credentialOf(resource: DatabaseResource, namespace: string | null): Credential {
  const name = namespace?.replace(/^credential:/, '') ?? DEFAULT
  const credential = resource.credentials[name]
  if (credential !== undefined) return credential
  throw problem('not_found', `There is no credential ${name} in this database.`, {
    details: { resource: 'credential' },
  })
}

/** The record with a new password for one credential, or for all of them. */
export function withNewPassword(resource: DatabaseResource, name?: string): DatabaseResource {
  const credentials = Object.entries(resource.credentials).map(([key, credential]) => {
    const isMeant = name === undefined || name === key
    return [key, isMeant ? { ...credential, password: newPassword() } : credential] as const
  })
  return { ...resource, credentials: Object.fromEntries(credentials) }
}

/** @throws Problem `invalid_params` for a name that is taken or not valid */
export function withCredential(resource: DatabaseResource, name: string): DatabaseResource {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,49}$/.test(name)) {
    throw problem('invalid_params', `"${name}" is not a valid name for a credential.`)
  }
  if (resource.credentials[name] !== undefined) {
    throw problem('invalid_params', `There is a credential ${name} already.`)
  }
  return { ...resource, credentials: { ...resource.credentials, [name]: newCredential() } }
}

export function withoutCredential(resource: DatabaseResource, name: string): DatabaseResource {
  const credentials = Object.entries(resource.credentials).filter(([key]) => key !== name)
  return { ...resource, credentials: Object.fromEntries(credentials) }
}

export const DEFAULT = 'default'

const newCredential = (): Credential => ({ user: `u${randomName()}`, password: newPassword() })

/** 256 random bits, in characters that no address and no shell treats specially. */
export const newPassword = (): string => `p${randomBytes(32).toString('hex')}`

/** 13 letters and digits, 65 bits. */
const randomName = (): string =>
  Array.from(randomBytes(13), (byte) => ALPHABET[byte % ALPHABET.length]).join('')
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
