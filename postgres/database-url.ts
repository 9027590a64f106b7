import { chooseDatabase } from './address.ts'
import { localDatabase } from './embedded/local-database.ts'
import { startEmbedded } from './embedded/server.ts'

/**
 * The PostgreSQL that a product keeps its data in: `DATABASE_URL`, or the embedded server of this
 * machine (`HOKKU_HOME/postgres`), which is started when it does not run and outlives its starter.
 *
 * @param localName the database on the embedded server, `hokku` unless given; made when it is missing
 * @throws Problem `database_missing` in a dyno without `DATABASE_URL`; `database_url_invalid` for
 * an address that is not PostgreSQL's; `postgres_*` when the embedded server cannot run
 */
export async function databaseUrl(
  env: NodeJS.ProcessEnv,
  { localName }: Readonly<{ localName?: string }> = {},
): Promise<string> {
  const choice = chooseDatabase(env)
  if (choice.kind === 'given') return choice.url
  const server = await startEmbedded({ directory: choice.directory })
  return localDatabase(choice.directory, server, localName)
}
