import { pathParam } from '@hokku/kit/request-params'
import * as z from 'zod'
import { accountOf } from './access.ts'
import type { Routes } from './api.ts'
import { bodyOf, takes } from './body.ts'
import { truth } from './numeric.ts'
import { databaseOf } from './databases.ts'

/** Roles of a database, as `pg:credentials*` use them. */
export const databaseCredentialRoutes: Routes = (api, plane) => {
  const { postgres } = plane.addons
  const credentials = '/postgres/v0/databases/:database/credentials'
  const nameOf = (params: unknown): string => pathParam({ params }, 'name')

  api.get(credentials, (request) =>
    postgres.credentials.list(databaseOf(request, plane)).map(credentialShape),
  )
  api.post(credentials, takes(NewCredential), async (request, reply) => {
    const addon = databaseOf(request, plane)
    const { name } = bodyOf(request, NewCredential)
    await postgres.credentials.create(addon, accountOf(request).id, name)
    return reply.code(201).send(credentialShape(postgres.credentials.get(addon, name)))
  })
  api.get(`${credentials}/:name`, (request) =>
    credentialShape(postgres.credentials.get(databaseOf(request, plane), nameOf(request.params))),
  )
  api.delete(`${credentials}/:name`, async (request) => {
    const name = nameOf(request.params)
    await postgres.credentials.destroy(databaseOf(request, plane), accountOf(request).id, name)
    return { message: `${name} is destroyed` }
  })
  api.post(`${credentials}/:name/credentials_rotation`, takes(Rotation), async (request) => {
    bodyOf(request, Rotation)
    const name = nameOf(request.params)
    await postgres.credentials.rotate(databaseOf(request, plane), accountOf(request).id, name)
    return { message: `${name} is rotated` }
  })
  api.post(
    '/postgres/v0/databases/:database/credentials_rotation',
    takes(Rotation),
    async (request) => {
      bodyOf(request, Rotation)
      await postgres.credentials.rotate(databaseOf(request, plane), accountOf(request).id)
      return { message: 'All credentials are rotated' }
    },
  )
}

type Credential = Readonly<{
  name: string
  user: string
  password: string
  database: string
  host: string
  port: string
}>

const credentialShape = ({ name, user, password, database, host, port }: Credential) => ({
  uuid: user,
  name,
  state: 'active',
  database,
  host,
  port: Number(port),
  credentials: [{ user, password, state: 'active', connections: null }],
})

const NewCredential = z.strictObject({ name: z.string() })

/** The old password ends at once in any case, which is what `forced` asks for. */
const Rotation = z.strictObject({ forced: truth.nullish() })
