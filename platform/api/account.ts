import { createHash } from 'node:crypto'
import * as z from 'zod'
import { problem, type Account } from '../store/index.ts'
import { accountOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'

/** The account and its public keys. */
export const accountRoutes: Routes = (api, { store }) => {
  for (const path of ['/account', '/users/:user']) {
    api.get(path, (request) => accountShape(accountOf(request)))
  }

  api.get('/account/keys', (request) =>
    store.accountKeys.list(accountOf(request).id).map((key) => keyShape(key, accountOf(request))),
  )
  api.post('/account/keys', takes(NewKey), (request, reply) => {
    const account = accountOf(request)
    const key = parsePublicKey(bodyOf(request, NewKey).public_key)
    const added = store.accountKeys.add({ accountId: account.id, ...key })
    return reply.code(201).send(keyShape(added, account))
  })
  api.delete('/account/keys/:key', (request) => {
    const account = accountOf(request)
    const { key: name } = request.params as { key: string }
    const key = store.accountKeys
      .list(account.id)
      .find((candidate) => [candidate.id, candidate.fingerprint, candidate.comment].includes(name))
    if (key === undefined) throw problem('not_found', `Couldn't find that key.`)
    store.accountKeys.remove(account.id, key.id)
    return keyShape(key, account)
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
