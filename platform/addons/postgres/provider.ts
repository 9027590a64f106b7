import { colorName } from '../names.ts'
import type { Provider } from '../provider.ts'
import { dropDatabase, ensureDatabase } from './databases.ts'
import { DEFAULT_PLAN, PLANS } from './plans.ts'
import { credentialOf, DEFAULT, draftDatabase, withNewPassword } from './resource.ts'
import { DatabaseResource } from './schema.ts'
import type { DatabaseServer } from './server.ts'

/** Heroku's name of the service. */
export const SERVICE = 'heroku-postgresql'

const COPY = 'Create the database without it, then copy the data: heroku pg:copy SOURCE TARGET'

const INSTEAD = {
  fork: COPY,
  rollback: COPY,
  follow: 'Create a second database and copy the data with heroku pg:copy; it is not kept current.',
  version: 'Leave it out: all databases have the version of the server, see heroku pg:info.',
}

/** heroku-postgresql: each add-on gets its own role and database, on one shared server. */
export function postgresProvider(server: DatabaseServer): Provider {
  return {
    service: {
      name: SERVICE,
      humanName: 'Heroku Postgres',
      plans: PLANS,
      defaultPlan: DEFAULT_PLAN,
      addonPrefix: 'postgresql',
      instead: INSTEAD,
    },
    attachmentNames: ({ attachments, configVars, ofService }) => {
      const color = colorName('HEROKU_POSTGRESQL', attachments)
      const isFirst = ofService.length === 0
      const isFree = !attachments.includes('DATABASE') && !configVars.includes('DATABASE_URL')
      return isFirst && isFree ? ['DATABASE', color] : [color]
    },
    draft: draftDatabase,
    provision: (resource, plan) => ensureDatabase(DatabaseResource.parse(resource), plan, server),
    deprovision: (resource) => dropDatabase(DatabaseResource.parse(resource), server),
    rotate: (resource, namespace) =>
      withNewPassword(
        DatabaseResource.parse(resource),
        namespace?.replace(/^credential:/, '') ?? DEFAULT,
      ),
    configVars: (resource, { name, namespace }) => {
      const database = DatabaseResource.parse(resource)
      return { [`${name}_URL`]: addressOf(database, namespace, server.addressSuffix) }
    },
    namespaces: (resource) =>
      Object.keys(DatabaseResource.parse(resource).credentials)
        .filter((name) => name !== DEFAULT)
        .map((name) => `credential:${name}`),
    endpoints: () => {
      const endpoint = server.endpoint()
      return endpoint === undefined ? {} : { postgres: endpoint }
    },
    start: () => server.start(),
    close: async () => {},
  }
}

/** A database's address, with the server as a reference; `postgres://`, as Heroku spells it. */
export function addressOf(
  resource: DatabaseResource,
  namespace: string | null,
  suffix: string,
): string {
  const { user, password } = credentialOf(resource, namespace)
  return `postgres://${user}:${password}@{{endpoint:postgres}}/${resource.database}${suffix}`
}
