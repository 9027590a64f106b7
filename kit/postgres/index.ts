export { databaseUrl, requirePostgresUrl } from './database-url.ts'
export { migrate } from './migrate.ts'
export { openPool, type Pool, type PoolClient, type PoolOptions } from './pool.ts'
export {
  embeddedStatus,
  startEmbedded,
  stopEmbedded,
  type EmbeddedServer,
  type EmbeddedStatus,
  type StartOptions,
  type StopResult,
} from './embedded/server.ts'
