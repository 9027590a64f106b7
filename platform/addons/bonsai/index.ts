export { readExternalSearch } from './config.ts'
export { bonsaiProvider } from './provider.ts'
export { createSearchServer } from './server.ts'
