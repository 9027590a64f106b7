import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { stack } from '../frames/stack.ts'
import { unsupported, type Attributes } from './attributes.ts'
import type { Build, Compiler, Fitted } from './fitted.ts'

/** StackingClassifier: a last model that judges by what the others say. */
export const stackingClassifier: Compiler = (estimator, build) => {
  const classes = estimator.classes()
  const last = build.compile(estimator.get('final_estimator_'))
  const answers = answersOf(estimator, build, classes.length)
  const places = last.classes?.map(Number) ?? []
  return {
    name: estimator.name,
    classes,
    ...(last.proba === undefined ? {} : { proba: (block: Block) => last.proba!(answers(block)) }),
    ...(last.decision === undefined
      ? {}
      : { decision: (block: Block) => last.decision!(answers(block)) }),
    predict: (block) => last.predict!(answers(block)).map((index) => places[index] ?? index),
    parts: [last],
  }
}

export const stackingRegressor: Compiler = (estimator, build) => {
  const last = build.compile(estimator.get('final_estimator_'))
  const answers = answersOf(estimator, build, 0)
  return {
    name: estimator.name,
    predict: (block) => last.predict!(answers(block)),
    parts: [last],
  }
}

/** What the last model is given: the others' answers side by side, then the input if asked for. */
function answersOf(estimator: Attributes, build: Build, classes: number): (block: Block) => Block {
  const models = estimator.list('estimators_').map((value) => build.compile(value))
  const methods = estimator.list('stack_method_').map(String)
  const passes = estimator.flag('passthrough', false)
  const ask = models.map((model, i) => answerOf(estimator, model, methods[i] ?? '', classes))
  return (block) => {
    const answers: Block[] = ask.map((answer) => answer(block))
    return stack(passes ? [...answers, block] : answers, block.rows)
  }
}

function answerOf(
  estimator: Attributes,
  model: Fitted,
  method: string,
  classes: number,
): (block: Block) => Matrix {
  const { proba, decision, predict } = model
  if (method === 'predict_proba' && proba !== undefined) {
    return (block) => (classes === 2 ? secondColumn(proba(block)) : proba(block))
  }
  if (method === 'decision_function' && decision !== undefined) return decision
  if (method === 'predict' && predict !== undefined) {
    return (block) =>
      matrix(
        block.rows,
        1,
        predict(block).map((value) => Number(model.classes?.[value] ?? value)),
      )
  }
  throw unsupported(estimator, `on ${method} of ${model.name}`)
}

const secondColumn = (p: Matrix): Matrix =>
  matrix(
    p.rows,
    1,
    p.data.filter((_, i) => i % 2 === 1),
  )
