import { table } from '@hokku/kit/command-line'
import type { Fitted } from '../estimators/fitted.ts'
import { showCell } from '../frames/cell.ts'
import { columnFacts } from './column-facts.ts'
import type { Bundle } from './load-folder.ts'

/** What a user should know of a model that was loaded. */
export function reportOf(bundle: Bundle, microsecondsPerRow: number | undefined): object {
  const { model, writers } = bundle
  return {
    name: bundle.name,
    version: bundle.version,
    kind: model.kind,
    scikit_learn: writers.scikitLearn ?? null,
    estimators: writers.estimators,
    structure: treeOf(model.estimator),
    columns: columnFacts(model).map(({ name, dtype, values, isClosed }) => ({
      name,
      dtype: dtype.name,
      ...(values === undefined
        ? {}
        : { values: values.slice(0, VALUES_SHOWN_MAX), other_values_refused: isClosed }),
    })),
    classes: model.kind === 'classifier' ? model.classes : null,
    positive_class: model.classes.length === 2 ? model.classes[1] : null,
    gives_probability: model.hasProba,
    pipeline_bytes: bundle.pipelineBytes,
    microseconds_per_row: microsecondsPerRow ?? null,
  }
}

const VALUES_SHOWN_MAX = 50

type Part = Readonly<{ name: string; sizes?: object; parts?: readonly Part[] }>

const treeOf = (fitted: Fitted): Part => ({
  name: fitted.name,
  ...(fitted.sizes !== undefined && Object.keys(fitted.sizes).length > 0
    ? { sizes: fitted.sizes }
    : {}),
  ...(fitted.parts === undefined ? {} : { parts: fitted.parts.map(treeOf) }),
})

/** The same for a terminal. */
export function reportText(bundle: Bundle, microsecondsPerRow: number | undefined): string {
  const { model, writers } = bundle
  const facts = columnFacts(model).map(({ name, dtype, values, isClosed }) => [
    `  ${name}`,
    dtype.name,
    values === undefined
      ? ''
      : `${isClosed ? 'only ' : ''}${values.slice(0, 8).map(showCell).join(' ')}${values.length > 8 ? ` … (${values.length})` : ''}`,
  ])
  const rows = [
    ['model', bundle.name],
    ['version', bundle.version],
    ['scikit-learn', writers.scikitLearn ?? 'not noted in the file'],
    ['size', `${bundle.pipelineBytes.toLocaleString('en')} bytes`],
    ['answers', answersOf(bundle)],
    ...(microsecondsPerRow === undefined
      ? []
      : [['time a row', `${microsecondsPerRow.toFixed(1)} µs`]]),
  ]
  return [
    table(rows),
    '',
    'pipeline',
    ...structureLines(model.estimator, 1),
    '',
    'columns',
    table(facts),
    '',
  ].join('\n')
}

function answersOf({ model }: Bundle): string {
  if (model.kind === 'regressor') return 'a number'
  const classes = model.classes.map(showCell).join(', ')
  return `${model.hasProba ? 'probabilities of' : 'one of'} the classes ${classes}`
}

function structureLines(fitted: Fitted, depth: number): string[] {
  const sizes = Object.entries(fitted.sizes ?? {}).map(
    ([what, n]) => `${n.toLocaleString('en')} ${what}`,
  )
  const line = `${'  '.repeat(depth)}${fitted.name}${sizes.length > 0 ? ` (${sizes.join(', ')})` : ''}`
  return [line, ...(fitted.parts ?? []).flatMap((part) => structureLines(part, depth + 1))]
}
