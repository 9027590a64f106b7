export { objectStorageProviders } from './provider.ts'
export { createObjectStorageServer } from './server.ts'
