import { nullable, oneOf, text } from './columns.ts'
import type { Database } from './database.ts'
import { defineTable, type RowOf } from './define-table.ts'
import type { Secrets } from './secrets.ts'
import { Table } from './table.ts'

const PIPELINES = defineTable({
  name: 'pipelines',
  one: 'pipeline',
  columns: { id: text, name: text, ownerId: text, createdAt: text, updatedAt: text },
})

export const STAGES = ['test', 'review', 'development', 'staging', 'production'] as const

const COUPLINGS = defineTable({
  name: 'pipeline_couplings',
  one: 'pipeline coupling',
  columns: {
    id: text,
    pipelineId: text,
    appId: text,
    stage: oneOf(...STAGES),
    createdAt: text,
    updatedAt: text,
  },
})

const PROMOTIONS = defineTable({
  name: 'pipeline_promotions',
  one: 'pipeline promotion',
  columns: {
    id: text,
    pipelineId: text,
    sourceAppId: text,
    sourceReleaseId: text,
    createdAt: text,
    updatedAt: text,
  },
})

const TARGETS = defineTable({
  name: 'pipeline_promotion_targets',
  one: 'promotion target',
  columns: {
    id: text,
    promotionId: text,
    appId: text,
    /** Its state is the target's; null where the promotion could not be made. */
    releaseId: nullable(text),
    errorMessage: nullable(text),
    createdAt: text,
    updatedAt: text,
  },
})

export type Pipeline = RowOf<typeof PIPELINES>
export type PipelineCoupling = RowOf<typeof COUPLINGS>
export type PipelineStage = PipelineCoupling['stage']
export type PipelinePromotion = RowOf<typeof PROMOTIONS>
export type PromotionTarget = RowOf<typeof TARGETS>

/** Of one app of a promotion: the release that it led to, or why there is none. */
export type NewTarget = Pick<PromotionTarget, 'appId'> &
  Partial<Pick<PromotionTarget, 'releaseId' | 'errorMessage'>>

export function pipelinesTable(db: Database, secrets: Secrets, now: () => string) {
  const pipelines = new Table(db, PIPELINES, now)
  return {
    create: (name: string, ownerId: string): Pipeline => pipelines.insert({ name, ownerId }),
    find: (idOrName: string): Pipeline | undefined =>
      pipelines.find('where id = ?1 or name = ?1', idOrName),
    list: (): Pipeline[] => pipelines.all('order by name'),
    update: (id: string, change: Partial<Pick<Pipeline, 'name' | 'ownerId'>>): Pipeline =>
      pipelines.update(id, change),
    remove: (id: string): void => pipelines.remove(id),
    couplings: couplingsTable(db, now),
    promotions: promotionsTable(db, now),
    configVars: stageConfigTable(db, secrets),
  }
}

function couplingsTable(db: Database, now: () => string) {
  const couplings = new Table(db, COUPLINGS, now)
  return {
    create: (coupling: Pick<PipelineCoupling, 'pipelineId' | 'appId' | 'stage'>) =>
      couplings.insert(coupling),
    find: (id: string): PipelineCoupling | undefined => couplings.find('where id = ?', id),
    ofApp: (appId: string): PipelineCoupling | undefined =>
      couplings.find('where app_id = ?', appId),
    ofPipeline: (pipelineId: string): PipelineCoupling[] =>
      couplings.all('where pipeline_id = ? order by created_at', pipelineId),
    list: (): PipelineCoupling[] => couplings.all('order by created_at'),
    setStage: (id: string, stage: PipelineStage): PipelineCoupling =>
      couplings.update(id, { stage }),
    remove: (id: string): void => couplings.remove(id),
  }
}

function promotionsTable(db: Database, now: () => string) {
  const promotions = new Table(db, PROMOTIONS, now)
  const targets = new Table(db, TARGETS, now)
  return {
    create: (
      promotion: Pick<PipelinePromotion, 'pipelineId' | 'sourceAppId' | 'sourceReleaseId'>,
    ): PipelinePromotion => promotions.insert(promotion),
    find: (id: string): PipelinePromotion | undefined => promotions.find('where id = ?', id),
    addTarget: (promotionId: string, target: NewTarget): PromotionTarget =>
      targets.insert({ promotionId, ...target }),
    targets: (promotionId: string): PromotionTarget[] =>
      targets.all('where promotion_id = ? order by created_at, id', promotionId),
  }
}

function stageConfigTable(db: Database, secrets: Secrets) {
  const about = (pipelineId: string, stage: string, name: string): string =>
    `pipeline/${pipelineId}/${stage}/${name}`
  return {
    list(pipelineId: string, stage: string): Record<string, string> {
      const rows = db.all(
        'select name, sealed_value from pipeline_config_vars where pipeline_id = ? and stage = ? order by name',
        pipelineId,
        stage,
      )
      return Object.fromEntries(
        rows.map(({ name, sealed_value: sealed }) => {
          if (typeof name !== 'string' || !(sealed instanceof Uint8Array)) {
            throw new TypeError('a config var of a pipeline is not text and bytes')
          }
          return [name, secrets.open(sealed, about(pipelineId, stage, name))]
        }),
      )
    },
    /** @param value null takes it away */
    set(pipelineId: string, stage: string, name: string, value: string | null): void {
      if (value === null) {
        db.run(
          'delete from pipeline_config_vars where pipeline_id = ? and stage = ? and name = ?',
          pipelineId,
          stage,
          name,
        )
        return
      }
      db.run(
        `insert into pipeline_config_vars (pipeline_id, stage, name, sealed_value)
          values (?, ?, ?, ?) on conflict do update set sealed_value = excluded.sealed_value`,
        pipelineId,
        stage,
        name,
        secrets.seal(value, about(pipelineId, stage, name)),
      )
    },
  }
}
