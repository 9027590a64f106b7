import { mkdtempSync, chmodSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { stopEmbedded, withClient } from '@hokku/postgres'
import { createTestDatabase } from '@hokku/postgres/testing'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAuthority } from '../../certificates/index.ts'
import { testProviderContract } from '../provider-contract.ts'
import { postgresProvider } from './provider.ts'
import { createDatabaseServer } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'hokku-provider-'))
chmodSync(folder, 0o755)
const directory = join(folder, 'postgres')
after(async () => {
  await stopEmbedded({ directory })
  rmSync(folder, { recursive: true, force: true })
})

const tls = async () => (await openAuthority(join(folder, 'authority'))).leafFiles('127.0.0.1')
const embedded = postgresProvider(createDatabaseServer({ directory, tls }))
const use = async (config: Readonly<Record<string, string>>) => {
  await withClient(config['CHOSEN_URL'] ?? '', (client) =>
    client.query('create table if not exists used (at timestamptz default now())'),
  )
}

testProviderContract('embedded PostgreSQL', { provider: () => embedded, use })

/** A role as an operator would make it on a server that is there already: no superuser. */
const external = createDatabaseServer({
  directory,
  tls,
  url: await operatorUrl(),
})
const externalProvider = postgresProvider(external)

testProviderContract('HOKKU_POSTGRES_URL', { provider: () => externalProvider, use })

test('HOKKU_POSTGRES_URL of a role that may not create databases is refused, with what to run', async () => {
  await using database = await createTestDatabase()
  const server = createDatabaseServer({ directory, tls, url: database.url })

  await assert.rejects(server.start(), {
    code: 'addon_unavailable',
    hint: /createrole createdb/,
  })
})

test('HOKKU_POSTGRES_URL that cannot be reached says so, without its password', async () => {
  const url = 'postgres://u:topsecret@127.0.0.1:1/x'
  const server = createDatabaseServer({ directory, tls, url })

  await assert.rejects(server.start(), (error: Error) => {
    assert.match(error.message, /HOKKU_POSTGRES_URL cannot be reached/)
    assert.doesNotMatch(error.message, /topsecret/)
    return true
  })
})

async function operatorUrl(): Promise<string> {
  const server = createDatabaseServer({ directory, tls })
  await server.start()
  await server.withAdmin(async (client) => {
    await client.query("create role operator login createrole createdb password 'operator-secret'")
    await client.query('create database operator owner operator')
  })
  return `postgres://operator:operator-secret@${server.endpoint()?.replace('127.0.0.1', 'localhost')}/operator?sslmode=require`
}
