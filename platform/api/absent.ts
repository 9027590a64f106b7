import * as z from 'zod'
import { problem } from '../store/index.ts'
import type { Routes } from './api.ts'
import { takes } from './body.ts'

/**
 * What Heroku's clients ask for and a machine of one's own does not have. Each answer says so in a
 * sentence, and what to use instead: a bare 404 would look like a fault.
 */
export const absentRoutes: Routes = (api) => {
  for (const { paths, message, hint } of ABSENT) {
    for (const url of paths) {
      api.route({
        method: METHODS,
        url,
        // Every body gets the same answer.
        ...takes(z.unknown()),
        handler: () => {
          throw problem('not_found', message, { hint })
        },
      })
    }
  }
}

const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE']

type Absent = Readonly<{ paths: readonly string[]; message: string; hint: string }>

/** Everything below a path, and the path itself. */
const below = (...paths: readonly string[]): string[] =>
  paths.flatMap((path) => [path, `${path}/*`])

const ABSENT: readonly Absent[] = [
  {
    paths: ['/teams/*', '/organizations/*', '/enterprise-accounts/*', ...below('/invoices')],
    message: 'There are no teams or enterprise accounts on hokku: people share single apps.',
    hint: 'Share an app with: heroku access:add EMAIL -a APP',
  },
  {
    paths: ['/spaces/*', ...below('/peerings', '/vpn-connections')],
    message: 'There are no private spaces on hokku: every app runs on this machine.',
    hint: 'Leave out --space.',
  },
  {
    paths: below('/data/postgres/v1'),
    message: 'There are no Advanced databases on hokku; the data:pg commands are for those.',
    hint: 'Use the pg commands, e.g. heroku pg:info, pg:psql, pg:credentials',
  },
  {
    paths: below('/data/maintenances/v1'),
    message: 'hokku schedules no maintenance: a database changes only when you upgrade hokku.',
    hint: 'Nothing needs to be done. Back up with: heroku pg:backups:capture',
  },
  {
    paths: below('/favorites'),
    message: 'There are no favorites on hokku.',
    hint: 'List your apps with: heroku apps',
  },
  {
    paths: below('/user/notifications'),
    message: 'hokku sends no notifications to accounts.',
    hint: 'Follow releases and builds with: heroku webhooks:add',
  },
  {
    paths: below('/reports'),
    message: 'There are no reports on databases on hokku.',
    hint: 'Use heroku pg:outliers, pg:bloat, pg:cache-hit or pg:unused-indexes',
  },
  {
    paths: [
      ...below('/apps/:app/formation/:type/monitors', '/apps/:app/formation/:type/metrics'),
      ...below('/apps/:app/router-metrics'),
    ],
    message: 'hokku keeps no metrics of apps and scales no dynos by itself.',
    hint: 'Scale with: heroku ps:scale web=2. Request times are in: heroku logs --source heroku',
  },
  {
    paths: [...below('/apps/:app/oci-images'), ...below('/v2')],
    message: 'hokku runs no container images: apps are built from source with buildpacks.',
    hint: 'Deploy with: git push heroku main',
  },
  {
    paths: ['/apps/:app/usage', '/account/password', ...below('/password-resets')],
    message: 'hokku has no bills and no passwords: accounts have tokens.',
    hint: 'See what an app has with: heroku apps:info. Make a token: heroku authorizations:create',
  },
  {
    paths: [
      '/client/v11/databases/:database/metrics',
      '/client/v11/databases/:database/burst_status',
    ],
    message: 'hokku keeps no metrics of databases.',
    hint: 'Look at the server itself: heroku pg:info, heroku pg:ps, heroku pg:locks',
  },
  {
    paths: ['/apps/:app/pre-authorizations', '/account/sms-number', '/account/preferences'],
    message: 'Accounts on hokku have no second factor and no preferences.',
    hint: 'Tokens may have an end and scopes: heroku authorizations:create --expires-in 3600',
  },
  {
    paths: [...below('/telemetry-drains'), '/apps/:app/telemetry-drains'],
    message: 'hokku sends no OpenTelemetry: apps of yours may, with their own exporter.',
    hint: 'Send logs with: heroku drains:add. Measure dynos with: heroku labs:enable log-runtime-metrics',
  },
  {
    paths: [
      ...below('/review-apps'),
      '/apps/:app/review-app',
      '/pipelines/:pipeline/review-apps',
      '/pipelines/:pipeline/review-app-config',
      ...below('/pipelines/:pipeline/repo'),
    ],
    message: 'hokku makes no review apps: it is not connected to GitHub.',
    hint: 'Make an app for a branch: heroku create NAME, then git push https://HOST/NAME.git BRANCH:main',
  },
  {
    paths: [...below('/test-runs'), ...below('/pipelines/:pipeline/test-runs')],
    message: 'The official CLI cannot start test runs here: it asks a host of Heroku first.',
    hint: 'Run the tests of a commit in a temporary app with: hokku ci:run',
  },
]
