import { join } from 'node:path'
import { hokkuHome } from '@hokku/kit/home'
import { problem } from './problems.ts'

export type DatabaseChoice =
  | Readonly<{ kind: 'given'; url: string }>
  | Readonly<{ kind: 'embedded'; directory: string }>

/** Which database an environment asks for, without touching it. */
export function chooseDatabase(env: NodeJS.ProcessEnv): DatabaseChoice {
  const url = env['DATABASE_URL']?.trim()
  if (url) return { kind: 'given', url: requirePostgresUrl(url) }
  if (!env['DYNO'] && !env['ON_CLOUD']) {
    return { kind: 'embedded', directory: join(hokkuHome(env), 'postgres') }
  }
  throw problem('database_missing', 'DATABASE_URL is not set, so there is no database to use.', {
    hint: 'Add one with: heroku addons:create heroku-postgresql',
  })
}

/** Accepts both spellings of the scheme; the message never repeats the address: it has a password. */
export function requirePostgresUrl(url: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  if ((scheme === 'postgres' || scheme === 'postgresql') && URL.canParse(url)) return url
  if (scheme === 'mysql' || scheme === 'mysql2') {
    throw problem('database_url_invalid', 'DATABASE_URL is a MySQL address (mysql://).', {
      hint: 'Data is kept in PostgreSQL only: give a postgres:// address, or unset DATABASE_URL to use the embedded server.',
    })
  }
  throw problem('database_url_invalid', 'DATABASE_URL is not a PostgreSQL address.', {
    hint: 'It should look like postgres://user:password@host:5432/database',
  })
}
