export { openAddons, type AddonsEffects } from './addons.ts'
export { bonsaiProvider, createSearchServer, readExternalSearch } from './bonsai/index.ts'
export { endpointsOf, type Catalogue } from './catalogue.ts'
export type { Addons, AttachRequest, CreateRequest } from './contract.ts'
export { addonNotFound, attachmentNotFound } from './lookup.ts'
export {
  createObjectStorageServer,
  giveToStorage,
  objectStorageProviders,
  readExternalStorage,
} from './object-storage/index.ts'
export { stableId } from './names.ts'
export {
  createDatabaseServer,
  dumpDatabases,
  restoreDatabases,
  postgresProvider,
  type DatabaseServer,
  type Postgres,
} from './postgres/index.ts'
export {
  brokerFolders,
  createBrokerServer,
  rabbitmqProvider,
  readExternalBroker,
} from './rabbitmq/index.ts'
export type { Options, Plan, Provider, Service, Taken } from './provider.ts'
export {
  isRedis,
  POLICIES,
  redisFolders,
  redisProvider,
  RedisServers,
  RedisSettings,
  REDIS_SERVICES,
  type RedisFacts,
} from './redis/index.ts'
export { namesOnlyProviders } from './names-only/index.ts'
