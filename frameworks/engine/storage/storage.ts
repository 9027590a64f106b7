import { databaseUrl, migrate, openPool, type Pool } from '@hokku/postgres'
import { Problem } from '@hokku/kit/problem'
import { join } from 'node:path'
import { createPostgresEvents } from '../events/effects/postgres-events.ts'
import type { EventStore } from '../events/event-store.ts'
import { createPostgresMetadata } from '../metadata/effects/postgres-metadata.ts'
import type { MetadataStore } from '../metadata/metadata-store.ts'
import { openBucket } from '../files/effects/s3-bucket.ts'
import { s3Endpoint } from '../files/effects/s3-endpoint.ts'
import { createFileModels } from '../model-store/effects/file-models.ts'
import { createPostgresModels } from '../model-store/effects/postgres-models.ts'
import { createPlaceModels } from '../model-store/effects/place-models.ts'
import type { ModelStore } from '../model-store/model-store.ts'
import { problem } from '../problems.ts'
import {
  DEFAULT_NAMESPACES,
  describeSource,
  readStorage,
  type Repository,
  type RepositoryName,
  type StorageConfiguration,
} from './configuration.ts'
import { addressOfSource, withOptions } from './postgres-address.ts'

/** The three stores of an installation; each is opened, and brought up to date, at its first use. */
export type Storage = Readonly<{
  configuration: StorageConfiguration
  metadata: () => Promise<MetadataStore>
  events: () => Promise<EventStore>
  models: () => Promise<ModelStore>
  close: () => Promise<void>
}>

/** @throws Problem `storage_unconfigured`; the openers throw `storage_unreachable` */
export function openStorage(env: NodeJS.ProcessEnv): Storage {
  const configuration = readStorage(env)
  const opened: Promise<{ close: () => Promise<void> }>[] = []
  const once = <Store extends { close: () => Promise<void> }>(open: () => Promise<Store>) => {
    let store: Promise<Store> | undefined
    return (): Promise<Store> => {
      if (store === undefined) {
        store = open()
        opened.push(store)
      }
      return store
    }
  }
  return {
    configuration,
    metadata: once(async () =>
      createPostgresMetadata(await openDatabase(configuration, 'METADATA', env)),
    ),
    events: once(async () =>
      createPostgresEvents(await openDatabase(configuration, 'EVENTDATA', env)),
    ),
    models: once(() => openModels(configuration, env)),
    close: async () => {
      const results = await Promise.allSettled(opened)
      const stores = results.filter((result) => result.status === 'fulfilled')
      await Promise.all(stores.map((result) => result.value.close()))
    },
  }
}

async function openModels(
  configuration: StorageConfiguration,
  env: NodeJS.ProcessEnv,
): Promise<ModelStore> {
  const { source, namespace } = configuration.MODELDATA
  const { settings } = source
  if (source.type === 'localfs') return createFileModels(settings['PATH'] ?? '', `${namespace}_`)
  if (source.type === 's3') {
    const bucket = openBucket({
      bucket: settings['BUCKET_NAME'] ?? '',
      region: settings['REGION'] ?? env['AWS_REGION'] ?? env['PIO_S3_AWS_REGION'] ?? 'us-east-1',
      endpoint: settings['ENDPOINT'] ?? (await s3Endpoint(env)),
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? env['PIO_S3_AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? env['PIO_S3_AWS_SECRET_ACCESS_KEY'] ?? '',
      settings: `REGION, BUCKET_NAME and ENDPOINT of the source ${source.name}, and the access key`,
    })
    return createPlaceModels(bucket, settings['BASE_PATH'] ?? '')
  }
  return createPostgresModels(await openDatabase(configuration, 'MODELDATA', env))
}

/** A migrated database, or Problem `storage_unreachable` that describes the source, masked. */
async function openDatabase(
  configuration: StorageConfiguration,
  name: RepositoryName,
  env: NodeJS.ProcessEnv,
): Promise<Pool> {
  const repository = configuration[name]
  const namespace = ownNamespace(repository, name)
  const base =
    repository.source.settings['URL'] === undefined
      ? await databaseUrl(env)
      : addressOfSource(repository.source)
  const pool = openPool(withOptions(base, env, namespace), {
    max: connectionsMax(repository, name),
    applicationName: `pio ${name.toLowerCase()}`,
  })
  try {
    if (namespace !== undefined) await pool.query(`create schema if not exists ${namespace}`)
    await migrate(pool, `engine-${name.toLowerCase()}`, MIGRATIONS[name])
    return pool
  } catch (error) {
    await pool.end()
    throw unreachable(repository, base, error)
  }
}

const ownNamespace = ({ namespace }: Repository, name: RepositoryName): string | undefined =>
  namespace === DEFAULT_NAMESPACES[name] ? undefined : namespace.toLowerCase()

const MIGRATIONS: Readonly<Record<RepositoryName, string>> = {
  METADATA: join(import.meta.dirname, '../metadata/migrations'),
  EVENTDATA: join(import.meta.dirname, '../events/migrations'),
  MODELDATA: join(import.meta.dirname, '../model-store/migrations'),
}

/** Twelve in all by default: the small Heroku plans allow 20 over all dynos of an app. */
function connectionsMax({ source }: Repository, name: RepositoryName): number {
  if (name !== 'EVENTDATA') return 2
  const wanted = Number(source.settings['CONNECTIONS'])
  return Number.isInteger(wanted) && wanted > 0 ? Math.max(2, wanted) : CONNECTIONS_DEFAULT
}

const CONNECTIONS_DEFAULT = 8

function unreachable({ source }: Repository, address: string, error: unknown): Error {
  if (error instanceof Problem) return error
  // Without its own settings the source is the environment's database.
  const isOwn = source.settings['URL'] !== undefined
  const described = isOwn ? source : { ...source, settings: { URL: address } }
  const reason = error instanceof Error ? reasonOf(error) : String(error)
  return problem(
    'storage_unreachable',
    `Unable to connect to all storage backends successfully. ${reason}\n${describeSource(described)}`,
    {
      hint: `Check that the database runs and that ${isOwn ? `PIO_STORAGE_SOURCES_${source.name}_URL` : 'DATABASE_URL'} is right.`,
      cause: error,
    },
  )
}

/** A refused connection to several addresses has its reasons inside. */
const reasonOf = (error: Error): string =>
  error instanceof AggregateError
    ? error.errors.map((inner: unknown) => (inner instanceof Error ? inner.message : '')).join('; ')
    : error.message
