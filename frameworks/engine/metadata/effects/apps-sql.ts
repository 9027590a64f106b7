import type { Pool, PoolClient } from 'pg'
import { problem } from '../../problems.ts'
import type { AccessKey, App, Channel, MetadataStore, NewApp } from '../metadata-store.ts'

type AppRow = { id: number; name: string; description: string | null }
type KeyRow = { key: string; app_id: number; events: string[] }
type ChannelRow = { id: number; app_id: number; name: string }

const appOf = ({ id, name, description }: AppRow): App => ({
  id,
  name,
  description: description ?? undefined,
})
const keyOf = ({ key, app_id, events }: KeyRow): AccessKey => ({ key, appId: app_id, events })
const channelOf = ({ id, app_id, name }: ChannelRow): Channel => ({ id, appId: app_id, name })

type AppQueries = Pick<
  MetadataStore,
  | 'createApp'
  | 'listApps'
  | 'appNamed'
  | 'appById'
  | 'deleteApp'
  | 'createAccessKey'
  | 'accessKey'
  | 'listAccessKeys'
  | 'deleteAccessKey'
  | 'createChannel'
  | 'listChannels'
  | 'deleteChannel'
>

export function appQueries(pool: Pool): AppQueries {
  return {
    createApp: (app, key) => createApp(pool, app, key),
    listApps: async () =>
      (await pool.query<AppRow>('select * from pio_apps order by name')).rows.map(appOf),
    appNamed: async (name) => {
      const result = await pool.query<AppRow>('select * from pio_apps where name = $1', [name])
      return result.rows.map(appOf)[0]
    },
    appById: async (id) => {
      const result = await pool.query<AppRow>('select * from pio_apps where id = $1', [id])
      return result.rows.map(appOf)[0]
    },
    deleteApp: async (id) => {
      await pool.query('delete from pio_apps where id = $1', [id])
    },
    createAccessKey: (key) => insertKey(pool, key),
    accessKey: async (key) => {
      if (key.includes('\0')) return undefined
      const result = await pool.query<KeyRow>({
        name: 'access-key',
        text: 'select * from pio_access_keys where key = $1',
        values: [key],
      })
      return result.rows.map(keyOf)[0]
    },
    listAccessKeys: async (appId) => {
      const result = await pool.query<KeyRow>(
        'select * from pio_access_keys where $1::integer is null or app_id = $1 order by app_id, seq',
        [appId],
      )
      return result.rows.map(keyOf)
    },
    deleteAccessKey: async (key) => {
      await pool.query('delete from pio_access_keys where key = $1', [key])
    },
    createChannel: (appId, name) => createChannel(pool, appId, name),
    listChannels: async (appId) => {
      const result = await pool.query<ChannelRow>(
        'select * from pio_channels where app_id = $1 order by id',
        [appId],
      )
      return result.rows.map(channelOf)
    },
    deleteChannel: async (id) => {
      await pool.query('delete from pio_channels where id = $1', [id])
    },
  }
}

async function createApp(pool: Pool, app: NewApp, key: string): Promise<App> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    // Ids count up from the highest in use, also after an app chose its own.
    await client.query('lock table pio_apps in exclusive mode')
    const created = await insertApp(client, app)
    await insertKey(client, { key, appId: created.id, events: [] })
    await client.query('commit')
    return created
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

async function insertApp(client: PoolClient, app: NewApp): Promise<App> {
  const taken = await client.query<AppRow>('select * from pio_apps where name = $1 or id = $2', [
    app.name,
    app.id,
  ])
  const [other] = taken.rows
  if (other !== undefined) throw appExists(app, other)
  const result = await client.query<AppRow>(
    `insert into pio_apps (id, name, description)
      select coalesce($1, (select coalesce(max(id), 0) + 1 from pio_apps)), $2, $3 returning *`,
    [app.id, app.name, app.description],
  )
  const [row] = result.rows
  if (row === undefined) throw new Error('the app was not inserted')
  return appOf(row)
}

const appExists = (app: NewApp, other: AppRow) =>
  problem(
    'app_exists',
    other.name === app.name
      ? `App ${app.name} already exists. Aborting.`
      : `App ID ${app.id} already exists and maps to the app '${other.name}'. Aborting.`,
  )

async function insertKey(client: Pool | PoolClient, key: AccessKey): Promise<void> {
  const result = await client.query(
    `insert into pio_access_keys (key, app_id, events) values ($1, $2, $3)
      on conflict (key) do nothing`,
    [key.key, key.appId, key.events],
  )
  if (result.rowCount === 0) {
    throw problem('access_key_exists', 'Unable to create new access key.', {
      hint: 'This access key is in use already; choose another one.',
    })
  }
}

async function createChannel(pool: Pool, appId: number, name: string): Promise<Channel> {
  const result = await pool.query<ChannelRow>(
    `insert into pio_channels (app_id, name) values ($1, $2)
      on conflict (app_id, name) do nothing returning *`,
    [appId, name],
  )
  const channel = result.rows.map(channelOf)[0]
  if (channel === undefined) throw problem('channel_invalid', `Channel ${name} already exists.`)
  return channel
}
