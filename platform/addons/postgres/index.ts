export { clientToolFolders } from './client-tools.ts'
export type { Postgres } from './contract.ts'
export { openPostgres } from './postgres.ts'
export { createDatabaseServer, type DatabaseServer } from './server.ts'
