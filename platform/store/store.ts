import { accountKeysTable } from './account-keys.ts'
import { accountsTable } from './accounts.ts'
import { addonsTable } from './addons.ts'
import { appSetupsTable } from './app-setups.ts'
import { appTransfersTable } from './app-transfers.ts'
import { appsTable } from './apps.ts'
import { auditLog } from './audit-log.ts'
import { invitationsTable } from './invitations.ts'
import { attachmentsTable } from './attachments.ts'
import { collaboratorsTable } from './collaborators.ts'
import { buildpackInstallationsTable } from './buildpack-installations.ts'
import { buildsTable } from './builds.ts'
import { configVarsTable } from './config-vars.ts'
import { Database } from './database.ts'
import { domainsTable } from './domains.ts'
import { dynosTable } from './dynos.ts'
import { featuresTable } from './features.ts'
import { formationsTable } from './formations.ts'
import type { Home } from './home.ts'
import { logDrainsTable } from './log-drains.ts'
import { oauthClientsTable } from './oauth-clients.ts'
import { pipelinesTable } from './pipelines.ts'
import { scheduledJobsTable } from './scheduled-jobs.ts'
import { releasesTable } from './releases.ts'
import { openSecrets, type Secrets } from './secrets.ts'
import { sniEndpointsTable } from './sni-endpoints.ts'
import { slugsTable } from './slugs.ts'
import { transferSchedulesTable } from './transfer-schedules.ts'
import { transfersTable } from './transfers.ts'
import { webhooksTable } from './webhooks.ts'

export type Store = ReturnType<typeof openStore>

/**
 * The platform's state, one property a table family. Times are ISO 8601 in UTC.
 *
 * @throws Problem `state_corrupt`
 */
export function openStore(home: Pick<Home, 'database' | 'key'>, clock = () => new Date()) {
  const db = new Database(home.database)
  return storeOn(db, openSecrets(home.key), clock)
}

function storeOn(db: Database, secrets: Secrets, clock: () => Date) {
  const now = (): string => clock().toISOString()
  return {
    db,
    secrets,
    now,
    transaction: <T>(work: () => T): T => db.transaction(work),
    accounts: accountsTable(db, now),
    auditLog: auditLog(db, now),
    accountKeys: accountKeysTable(db, now),
    addons: addonsTable(db, secrets, now),
    appSetups: appSetupsTable(db, now),
    appTransfers: appTransfersTable(db, now),
    apps: appsTable(db, now),
    attachments: attachmentsTable(db, now),
    collaborators: collaboratorsTable(db, now),
    buildpackInstallations: buildpackInstallationsTable(db, now),
    builds: buildsTable(db, now),
    configVars: configVarsTable(db, secrets, now),
    invitations: invitationsTable(db, now),
    domains: domainsTable(db, now),
    dynos: dynosTable(db, now),
    features: featuresTable(db, now),
    formations: formationsTable(db, now),
    logDrains: logDrainsTable(db, secrets, now),
    oauthClients: oauthClientsTable(db, secrets, now),
    pipelines: pipelinesTable(db, secrets, now),
    releases: releasesTable(db, secrets, now),
    scheduledJobs: scheduledJobsTable(db, now),
    sniEndpoints: sniEndpointsTable(db, secrets, now),
    slugs: slugsTable(db, now),
    transfers: transfersTable(db, now),
    transferSchedules: transferSchedulesTable(db, now),
    webhooks: webhooksTable(db, secrets, now),
    close: (): void => db.close(),
  }
}
