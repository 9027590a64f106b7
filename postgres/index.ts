export { isDataFault, isUnreachable, withClient, type Client } from './client.ts'
export { chooseDatabase, requirePostgresUrl } from './address.ts'
export { databaseUrl } from './database-url.ts'
export { migrate } from './migrate.ts'
export { openPool, type Pool, type PoolClient, type PoolOptions } from './pool.ts'
export { serverAccount, type Account } from './embedded/account.ts'
export {
  embeddedStatus,
  startEmbedded,
  stopEmbedded,
  type EmbeddedServer,
  type EmbeddedStatus,
  type StartOptions,
  type StopResult,
} from './embedded/server.ts'
