import {
  bonsaiProvider,
  brokerFolders,
  createBrokerServer,
  createDatabaseServer,
  createObjectStorageServer,
  createSearchServer,
  namesOnlyProviders,
  objectStorageProviders,
  postgresProvider,
  rabbitmqProvider,
  redisFolders,
  redisProvider,
  RedisServers,
  REDIS_SERVICES,
  readExternalBroker,
  readExternalSearch,
  readExternalStorage,
  type DatabaseServer,
  type Provider,
} from '../addons/index.ts'
import type { Authority } from '../certificates/index.ts'
import type { Home } from '../store/index.ts'

export type AddonServersOptions = Readonly<{
  home: Home
  authority: Pick<Authority, 'leafFiles'>
  env: NodeJS.ProcessEnv
}>

/** The servers on which add-ons are made. None is started by opening it. */
export type AddonServers = Readonly<{
  databaseServer: DatabaseServer
  redisServers: RedisServers
  /** What can be created on them. */
  providers: readonly Provider[]
  /** What the operator should know of the settings. */
  notices: readonly string[]
  /** Starts PostgreSQL; the supervisor keeps the embedded one running. */
  startDatabases: () => Promise<void>
}>

/**
 * Opens the operator's servers where the environment names them, and our own for the rest.
 *
 * @throws Problem `config_invalid`
 */
export function openAddonServers({ home, authority, env }: AddonServersOptions): AddonServers {
  const databaseUrl = env['HOKKU_POSTGRES_URL']
  const databaseServer = createDatabaseServer({
    url: databaseUrl,
    directory: home.postgres,
    tls: () => authority.leafFiles('127.0.0.1'),
  })
  const storage = readExternalStorage(env)
  const broker = createBrokerServer({
    home,
    external: readExternalBroker(env),
    folders: brokerFolders(env['PATH'] ?? ''),
  })
  const redisServers = new RedisServers({
    home,
    tls: () => authority.leafFiles('127.0.0.1'),
    folders: redisFolders(env['PATH'] ?? ''),
  })
  return {
    databaseServer,
    redisServers,
    providers: [
      postgresProvider(databaseServer),
      ...objectStorageProviders(createObjectStorageServer({ home, external: storage })),
      rabbitmqProvider(broker),
      ...REDIS_SERVICES.map((service) => redisProvider(service, redisServers)),
      ...namesOnlyProviders(),
      bonsaiProvider(createSearchServer(readExternalSearch(env))),
    ],
    notices: storage?.notices ?? [],
    startDatabases: () =>
      databaseServer.start().catch((error: unknown) => console.error('bug:', error)),
  }
}
