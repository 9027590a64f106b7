import { table } from '@hokku/kit/command-line'
import type { Fitted } from '../estimators/fitted.ts'
import { showCell } from '../frames/cell.ts'
import { columnFacts } from './column-facts.ts'
import type { Bundle } from './load-folder.ts'
import type { CheckResult } from './self-check.ts'

/** What was found out by running the model, where someone waited for it. */
export type Measured = Readonly<{
  microsecondsPerRow?: number | undefined
  check?: CheckResult | undefined
}>

const checkOf = ({ rows, mismatches, worst }: CheckResult): object => ({
  rows,
  differ: mismatches.length,
  largest_distance: worst,
})

/** What a user should know of a model that was loaded. */
export function reportOf(bundle: Bundle, measured: Measured = {}): object {
  const { model, writers } = bundle
  return {
    name: bundle.name,
    version: bundle.version,
    kind: model.kind,
    scikit_learn: writers.scikitLearn ?? null,
    written_by: bundle.format,
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
    files: bundle.files,
    assumed: bundle.notes,
    pipeline_bytes: bundle.pipelineBytes,
    microseconds_per_row: measured.microsecondsPerRow ?? null,
    self_check: measured.check === undefined ? null : checkOf(measured.check),
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

const MANIFEST_HINT = '  To say otherwise: model.json, see docs/models.md.'

/** The same for a terminal. */
export function reportText(bundle: Bundle, { microsecondsPerRow, check }: Measured): string {
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
    ['files', bundle.files.join(', ')],
    ['written by', bundle.format],
    ['size', `${bundle.pipelineBytes.toLocaleString('en')} bytes`],
    ['answers', answersOf(bundle)],
    ...(microsecondsPerRow === undefined
      ? []
      : [['time a row', `${microsecondsPerRow.toFixed(1)} µs`]]),
    ...(check === undefined
      ? []
      : [
          ['self-check', `${check.rows} rows, ${check.mismatches.length} differ from scikit-learn`],
        ]),
  ]
  return [
    table(rows),
    '',
    'pipeline',
    ...structureLines(model.estimator, 1),
    '',
    'columns',
    table(facts),
    ...(bundle.notes.length === 0
      ? []
      : ['', 'assumed', ...bundle.notes.map((note) => `  ${note}`), MANIFEST_HINT]),
    '',
  ].join('\n')
}

function answersOf({ model }: Bundle): string {
  if (model.kind === 'regressor') return 'a number'
  const classes = model.classes.map(showCell).join(', ')
  const positive = model.classes.length === 2 ? `, positive is ${showCell(model.classes[1])}` : ''
  return `${model.hasProba ? 'probabilities of' : 'one of'} the classes ${classes}${positive}`
}

function structureLines(fitted: Fitted, depth: number): string[] {
  const sizes = Object.entries(fitted.sizes ?? {}).map(
    ([what, n]) => `${n.toLocaleString('en')} ${what}`,
  )
  const line = `${'  '.repeat(depth)}${fitted.name}${sizes.length > 0 ? ` (${sizes.join(', ')})` : ''}`
  return [line, ...(fitted.parts ?? []).flatMap((part) => structureLines(part, depth + 1))]
}
