export { clientToolFolders, findClientTools } from './client-tools.ts'
export { openPostgres, type Postgres } from './postgres.ts'
export type { RestoreSource } from './backups.ts'
export { createDatabaseServer, type DatabaseServer } from './server.ts'
