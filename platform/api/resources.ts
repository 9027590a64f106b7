import { absentRoutes } from './absent.ts'
import { accountRoutes } from './account.ts'
import { addonAttachmentRoutes } from './addon-attachments.ts'
import { addonRoutes } from './addons.ts'
import { buildpackInstallationRoutes } from './buildpack-installations.ts'
import { buildpackRegistryRoutes } from './buildpack-registry.ts'
import { buildRoutes } from './builds.ts'
import { slugRoutes } from './slugs.ts'
import { sourceRoutes } from './sources.ts'
import type { Routes } from './api.ts'
import { appSetupRoutes } from './app-setups.ts'
import { appTransferRoutes } from './app-transfers.ts'
import { appRoutes } from './apps.ts'
import { authorizationRoutes } from './authorizations.ts'
import { catalogueRoutes } from './catalogue.ts'
import { collaboratorRoutes } from './collaborators.ts'
import { configVarRoutes } from './config-vars.ts'
import { databaseCredentialRoutes } from './database-credentials.ts'
import { databaseRoutes } from './databases.ts'
import { domainRoutes } from './domains.ts'
import { dynoSizeRoutes } from './dyno-sizes.ts'
import { dynoRoutes } from './dynos.ts'
import { featureRoutes } from './features.ts'
import { formationRoutes } from './formation.ts'
import { gitRoutes } from './git.ts'
import { lfsRoutes } from './lfs.ts'
import { logDrainRoutes } from './log-drains.ts'
import { logSessionRoutes } from './log-sessions.ts'
import { logStreamRoutes } from './log-streams.ts'
import { oauthClientRoutes } from './oauth-clients.ts'
import { pipelineCouplingRoutes } from './pipeline-couplings.ts'
import { pipelinePromotionRoutes } from './pipeline-promotions.ts'
import { pipelineRoutes } from './pipelines.ts'
import { peopleRoutes } from './people.ts'
import { redisRoutes } from './redis.ts'
import { releaseRoutes } from './releases.ts'
import { sniEndpointRoutes } from './sni-endpoints.ts'
import { schedulerRoutes } from './scheduler/routes.ts'
import { stageConfigVarRoutes } from './stage-config-vars.ts'
import { transferRoutes } from './transfers.ts'
import { tunnelRoutes } from './tunnel.ts'
import { webhookRoutes } from './webhooks/routes.ts'

/** All resources of the API, one file each. */
export const RESOURCES: readonly Routes[] = [
  absentRoutes,
  accountRoutes,
  addonAttachmentRoutes,
  addonRoutes,
  appSetupRoutes,
  appTransferRoutes,
  appRoutes,
  authorizationRoutes,
  buildpackInstallationRoutes,
  buildpackRegistryRoutes,
  buildRoutes,
  slugRoutes,
  sourceRoutes,
  catalogueRoutes,
  collaboratorRoutes,
  configVarRoutes,
  databaseCredentialRoutes,
  databaseRoutes,
  domainRoutes,
  dynoSizeRoutes,
  dynoRoutes,
  featureRoutes,
  formationRoutes,
  gitRoutes,
  lfsRoutes,
  logDrainRoutes,
  logSessionRoutes,
  logStreamRoutes,
  oauthClientRoutes,
  pipelineCouplingRoutes,
  pipelinePromotionRoutes,
  pipelineRoutes,
  peopleRoutes,
  redisRoutes,
  releaseRoutes,
  sniEndpointRoutes,
  schedulerRoutes,
  stageConfigVarRoutes,
  transferRoutes,
  tunnelRoutes,
  webhookRoutes,
]
