export { openAddons, type AddonsEffects } from './addons.ts'
export type { AttachRequest } from './attachments.ts'
export { bonsaiProvider, createSearchServer, readExternalSearch } from './bonsai/index.ts'
export type { Catalogue } from './catalogue.ts'
export type { Addons } from './contract.ts'
export type { CreateRequest } from './lifecycle.ts'
export { addonNotFound, attachmentNotFound } from './lookup.ts'
export {
  createObjectStorageServer,
  objectStorageProviders,
  readExternalStorage,
} from './object-storage/index.ts'
export { stableId } from './names.ts'
export { createDatabaseServer, type DatabaseServer, type Postgres } from './postgres/index.ts'
export {
  brokerFolders,
  createBrokerServer,
  rabbitmqProvider,
  readExternalBroker,
} from './rabbitmq/index.ts'
export type { Options, Plan, Provider, Service, Taken } from './provider.ts'
