import type { Pool } from 'pg'
import type {
  EngineInstance,
  EvaluationInstance,
  InstanceDetails,
  InstanceStatus,
  MetadataStore,
} from '../metadata-store.ts'

type EngineRow = {
  id: string
  status: InstanceStatus
  start_time: Date
  end_time: Date
  engine_id: string
  engine_version: string
  engine_variant: string
  engine_factory: string
  batch: string
  details: InstanceDetails
}

const engineInstanceOf = (row: EngineRow): EngineInstance => ({
  id: row.id,
  status: row.status,
  startTime: row.start_time,
  endTime: row.end_time,
  engineId: row.engine_id,
  engineVersion: row.engine_version,
  engineVariant: row.engine_variant,
  engineFactory: row.engine_factory,
  batch: row.batch,
  details: row.details,
})

type EvaluationRow = {
  id: string
  status: '' | 'EVALCOMPLETED'
  start_time: Date
  end_time: Date
  evaluation_class: string
  engine_params_generator_class: string
  batch: string
  env: Record<string, string>
  evaluator_results: string
  evaluator_results_html: string
  evaluator_results_json: string
}

const evaluationOf = (row: EvaluationRow): EvaluationInstance => ({
  id: row.id,
  status: row.status,
  startTime: row.start_time,
  endTime: row.end_time,
  evaluationClass: row.evaluation_class,
  engineParamsGeneratorClass: row.engine_params_generator_class,
  batch: row.batch,
  env: row.env,
  evaluatorResults: row.evaluator_results,
  evaluatorResultsHtml: row.evaluator_results_html,
  evaluatorResultsJson: row.evaluator_results_json,
})

type InstanceQueries = Pick<
  MetadataStore,
  | 'saveEngineInstance'
  | 'engineInstance'
  | 'newest'
  | 'saveEvaluation'
  | 'evaluation'
  | 'completedEvaluations'
>

export function instanceQueries(pool: Pool): InstanceQueries {
  return {
    saveEngineInstance: async (instance) => {
      await pool.query(SAVE_ENGINE_INSTANCE, [
        instance.id,
        instance.status,
        instance.startTime,
        instance.endTime,
        instance.engineId,
        instance.engineVersion,
        instance.engineVariant,
        instance.engineFactory,
        instance.batch,
        JSON.stringify(instance.details),
      ])
    },
    engineInstance: async (id) => {
      const sql = 'select * from pio_engine_instances where id = $1'
      return (await pool.query<EngineRow>(sql, [id])).rows.map(engineInstanceOf)[0]
    },
    newest: async (key, status) => {
      const result = await pool.query<EngineRow>(
        `select * from pio_engine_instances
          where engine_id = $1 and engine_version = $2 and engine_variant = $3
            and status = $4
          order by start_time desc limit 1`,
        [key.engineId, key.engineVersion, key.engineVariant, status],
      )
      return result.rows.map(engineInstanceOf)[0]
    },
    saveEvaluation: async (evaluation) => {
      await pool.query(SAVE_EVALUATION, [
        evaluation.id,
        evaluation.status,
        evaluation.startTime,
        evaluation.endTime,
        evaluation.evaluationClass,
        evaluation.engineParamsGeneratorClass,
        evaluation.batch,
        JSON.stringify(evaluation.env),
        evaluation.evaluatorResults,
        evaluation.evaluatorResultsHtml,
        evaluation.evaluatorResultsJson,
      ])
    },
    evaluation: async (id) => {
      const sql = 'select * from pio_evaluation_instances where id = $1'
      return (await pool.query<EvaluationRow>(sql, [id])).rows.map(evaluationOf)[0]
    },
    completedEvaluations: async () => {
      const sql = `select * from pio_evaluation_instances where status = 'EVALCOMPLETED'
        order by start_time desc limit 1000`
      return (await pool.query<EvaluationRow>(sql)).rows.map(evaluationOf)
    },
  }
}

const SAVE_ENGINE_INSTANCE = `insert into pio_engine_instances
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  on conflict (id) do update set status = excluded.status, end_time = excluded.end_time,
    details = excluded.details`

const SAVE_EVALUATION = `insert into pio_evaluation_instances
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  on conflict (id) do update set status = excluded.status, end_time = excluded.end_time,
    evaluator_results = excluded.evaluator_results,
    evaluator_results_html = excluded.evaluator_results_html,
    evaluator_results_json = excluded.evaluator_results_json`
