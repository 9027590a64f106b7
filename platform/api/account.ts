import { createHash } from 'node:crypto'
import type { FastifyRequest } from '@hokku/kit/http'
import { pathParam } from '@hokku/kit/request-params'
import { isRecord } from '@hokku/kit/record'
import * as z from 'zod'
import { problem, type Account, type Store } from '../store/index.ts'
import { accountOf } from './access.ts'
import type { Routes } from './api.ts'
import { sendList } from './range.ts'
import { REQUESTS_LEFT } from './requests-left.ts'
import { bodyOf, takes, unsupported } from './body.ts'

/** The account and its public keys. */
export const accountRoutes: Routes = (api, { store }) => {
  api.get('/account', (request) => accountShape(accountOf(request)))
  api.get('/users/:user', (request) => accountShape(personOf(request, store)))
  for (const path of ['/account', '/users/:user']) {
    api.patch(path, takes(AccountUpdate), (request) => {
      const { id } = ownAccountOf(request)
      const { name } = bodyOf(request, AccountUpdate)
      return accountShape(store.accounts.rename(id, name))
    })
    api.delete(path, (request) => {
      ownAccountOf(request)
      throw problem(
        'invalid_params',
        'An account cannot delete itself: its apps would have no owner.',
        {
          hint: 'Give them away with heroku apps:transfer, and end your tokens with heroku authorizations:revoke',
        },
      )
    })
  }
  api.get('/account/rate-limits', () => ({ remaining: REQUESTS_LEFT }))

  api.get('/account/keys', (request, reply) => {
    const account = accountOf(request)
    const shapes = store.accountKeys.list(account.id).map((key) => keyShape(key, account))
    return sendList(request, reply, shapes)
  })
  api.post('/account/keys', takes(NewKey), (request, reply) => {
    const account = accountOf(request)
    const key = parsePublicKey(bodyOf(request, NewKey).public_key)
    const added = store.accountKeys.add({ accountId: account.id, ...key })
    return reply.code(201).send(keyShape(added, account))
  })
  api.get('/account/keys/:key', (request) => keyShape(keyOf(request, store), accountOf(request)))
  api.delete('/account/keys/:key', (request) => {
    const account = accountOf(request)
    const key = keyOf(request, store)
    store.accountKeys.remove(account.id, key.id)
    return keyShape(key, account)
  })
}

/** By id, fingerprint or comment. @throws Problem `not_found` */
function keyOf(request: FastifyRequest, store: Store) {
  const name = pathParam(request, 'key')
  const key = store.accountKeys
    .list(accountOf(request).id)
    .find((candidate) => [candidate.id, candidate.fingerprint, candidate.comment].includes(name))
  if (key !== undefined) return key
  throw problem('not_found', `Couldn't find that key.`, { details: { resource: 'key' } })
}

/** The person whom the path names; `/account` is oneself. */
const userIn = ({ params }: FastifyRequest): string =>
  isRecord(params) && typeof params['user'] === 'string' ? params['user'] : '~'

/** Oneself (`~`), or a person with whom one shares an app: others are not to be guessed at. */
function personOf(request: FastifyRequest, store: Store): Account {
  const account = accountOf(request)
  const user = userIn(request)
  const found = user === '~' ? account : store.accounts.find(user)
  if (found?.id === account.id) return account
  const people = new Set(
    store.apps
      .ofAccount(account.id)
      .flatMap(({ id, ownerId }) => [
        ownerId,
        ...store.collaborators.list(id).map(({ accountId }) => accountId),
      ]),
  )
  if (found !== undefined && people.has(found.id)) return found
  throw problem(
    'not_found',
    `Couldn't find the account ${user} among those that you share apps with.`,
    {
      hint: `Share one first: heroku access:add ${user} -a APP`,
      details: { resource: 'account' },
    },
  )
}

/** @throws Problem `not_found` for the account of someone else */
function ownAccountOf(request: FastifyRequest): Account {
  const account = accountOf(request)
  const user = userIn(request)
  if (['~', account.id, account.email].includes(user)) return account
  throw problem('not_found', 'An account of hokku changes itself only.', {
    hint: 'Leave out the address, or use ~ in its place.',
  })
}

const accountShape = (account: Account) => ({
  id: account.id,
  email: account.email,
  name: account.name,
  allow_tracking: false,
  beta: false,
  default_organization: null,
  default_team: null,
  federated: false,
  sms_number: null,
  suspended_at: null,
  two_factor_authentication: false,
  verified: true,
  created_at: account.createdAt,
  updated_at: account.updatedAt,
})

type Key = {
  id: string
  publicKey: string
  fingerprint: string
  comment: string
  createdAt: string
}

const keyShape = (key: Key, account: Account) => ({
  id: key.id,
  public_key: key.publicKey,
  fingerprint: key.fingerprint,
  comment: key.comment,
  email: account.email,
  created_at: key.createdAt,
  updated_at: key.createdAt,
})

/**
 * Reads a line of an OpenSSH `.pub` file.
 *
 * @throws Problem `invalid_params` if it is none, e.g. a private key
 */
function parsePublicKey(line: string): { publicKey: string; fingerprint: string; comment: string } {
  const match = /^((?:ssh|ecdsa|sk)-[\w@.-]+) ([A-Za-z0-9+/]+={0,2})(?: (.*))?$/.exec(line.trim())
  const blob = Buffer.from(match?.[2] ?? '', 'base64')
  const kind = blob.length > 4 ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1') : ''
  if (match === null || kind !== match[1]) {
    throw problem('invalid_params', 'That is not a public key in OpenSSH format.', {
      hint: 'Public keys are in files that end in .pub, e.g. ~/.ssh/id_ed25519.pub',
    })
  }
  const digest = createHash('md5').update(blob).digest('hex')
  return {
    publicKey: line.trim(),
    fingerprint: digest.match(/../g)?.join(':') ?? '',
    comment: match[3] ?? '',
  }
}

const NewKey = z.strictObject({ public_key: z.string().max(16_384) })
const AccountUpdate = z.strictObject({
  name: z.string().max(255).nullable(),
  email: unsupported('an account of hokku keeps its address'),
  allow_tracking: unsupported('hokku tracks nobody: leave it out'),
  beta: unsupported('hokku has no beta: leave it out'),
})
