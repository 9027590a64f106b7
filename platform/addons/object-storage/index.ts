export { giveToStorage } from './own-server.ts'
export { readExternalStorage } from './config.ts'
export { objectStorageProviders } from './provider.ts'
export { createObjectStorageServer } from './server.ts'
