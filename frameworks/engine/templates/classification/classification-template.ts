import type { AnyEngine, Engine } from '../../dase/engine.ts'
import type { EngineModule } from '../../dase/engine-module.ts'
import { type AnyEvaluation, defineEvaluation } from '../../dase/evaluation.ts'
import { accuracy, precisionOf } from './measures.ts'
import type { Prediction, Query } from './points.ts'

/** What differs between classification templates. */
export type ClassificationTemplate<TD, PD> = Readonly<{
  /** What to call it in messages. */
  name: string
  engine: Engine<TD, PD, Query, number, Prediction>
  /** The one algorithm that is evaluated, with the params that are tried. */
  algorithm: string
  candidates: readonly object[]
}>

/** A classification engine with the evaluations of PredictionIO's templates, in five folds. */
export function classificationTemplate<TD, PD>({
  name,
  engine,
  algorithm,
  candidates,
}: ClassificationTemplate<TD, PD>): EngineModule {
  const evaluations = {
    AccuracyEvaluation: defineEvaluation({ engine, metric: accuracy }),
    PrecisionEvaluation: defineEvaluation({ engine, metric: precisionOf(1) }),
    CompleteEvaluation: defineEvaluation({
      engine,
      metric: accuracy,
      otherMetrics: [precisionOf(0), precisionOf(1), precisionOf(2)],
      outputPath: 'best.json',
    }),
  }
  return {
    name,
    engine: engine as unknown as AnyEngine,
    evaluations: evaluations as unknown as Record<string, AnyEvaluation>,
    paramsLists: {
      EngineParamsList: (dataSourceParams) =>
        candidates.map((params) => ({
          dataSource: { name: '', params: { ...dataSourceParams, evalK: 5 } },
          preparator: { name: '', params: {} },
          algorithms: [{ name: algorithm, params }],
          serving: { name: '', params: {} },
        })),
    },
    engineParams: {},
    plugins: [],
  }
}
