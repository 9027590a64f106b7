import { Problem } from '@hokku/kit/problem'
import type { Fitted } from '../estimators/fitted.ts'
import { chain } from '../estimators/pipeline.ts'
import { compileEstimator } from '../estimators/registry.ts'
import { widthOf } from '../frames/block.ts'
import { showCell, type Cell } from '../frames/cell.ts'
import { readLabels } from '../pandas/labels.ts'
import { labelText, classOf, describe, isConstructed, type Pickled } from '../pickled.ts'
import { problem } from '../problems.ts'
import { columnSteps, encoderOf } from './column-steps.ts'
import { sampleFrame } from './infer-schema.ts'
import { reworded } from './name-file.ts'
import { inputNames, inputsOf, type ModelInputs } from './model-inputs.ts'

/** What a file of the folder holds. */
export type FileContent = Readonly<{ file: string; value: Pickled }>

/** One estimator of a file. */
type Part = Readonly<{ place: string; value: Pickled; fitted: Fitted }>

/** A model put together from files, with what had to be assumed. */
export type Chain = Readonly<{
  fitted: Fitted
  inputs: ModelInputs
  /** Columns that a file lists beside the model. */
  columns: readonly string[] | undefined
  /** Sentences for the report: what was taken for what. */
  notes: readonly string[]
}>

/**
 * Puts the objects of one or several files together as one model: vectorizer or scaler first, the
 * model next, a LabelEncoder last, which gives the classes their names.
 *
 * @param isDeclared the files are in the order of the steps
 * @throws Problem `model_invalid` if there is no model, or more than one way
 */
export function chainParts(contents: readonly FileContent[], isDeclared: boolean): Chain {
  const sorted = sortParts(contents)
  const { parts, labels, columns } = sorted
  const notes = [...sorted.notes]
  if (isDeclared || isInOrder(contents)) {
    return named(joined(parts), { labels, columns, notes }, isDeclared)
  }
  const predictor = onlyPredictor(parts)
  const transformers = parts.filter((part) => part !== predictor)
  const own = onColumns(transformers, sorted.encoders, predictor)
  if (own !== undefined) {
    return named(own.model, { labels: undefined, columns, notes: [...notes, own.note] }, false)
  }
  const steps = orderOf(transformers, predictor)
  const unused = transformers.filter((part) => !steps.includes(part))
  if (unused.length > 0) notes.push(`${placesOf(unused)} is not used: the model has its own steps.`)
  if (steps.length > 1) notes.push(`Steps, in this order: ${placesOf(steps, ' → ')}.`)
  return named(joined(steps), { labels, columns, notes }, false)
}

type Sorted = Readonly<{
  parts: readonly Part[]
  labels: Labels | undefined
  /** LabelEncoders of a dict, by their key: people keep one for each column that they encode. */
  encoders: ReadonlyMap<string, Labels>
  columns: readonly string[] | undefined
  notes: readonly string[]
}>

type Labels = Readonly<{ place: string; classes: readonly Cell[] }>

/** A file that holds a list or a tuple of estimators says their order. */
const isInOrder = (contents: readonly FileContent[]): boolean =>
  contents.length === 1 && Array.isArray(contents[0]?.value)

function sortParts(contents: readonly FileContent[]): Sorted {
  const parts: Part[] = []
  const notes: string[] = []
  const encoders = new Map<string, Labels>()
  let labels: Labels | undefined
  let columns: readonly string[] | undefined
  for (const { place, key, value } of contents.flatMap(objectsOf)) {
    const names = namesIn(value)
    if (names !== undefined && /column|feature/i.test(place)) columns ??= names
    else if (classOf(value)?.name === 'LabelEncoder') {
      const found = { place, classes: classesOf(value) }
      if (key === undefined) labels ??= found
      else encoders.set(key, found)
    } else if (isData(value)) notes.push(`${place} is not used: it is ${describe(value)}.`)
    else parts.push({ place, value, fitted: about(place, () => compileEstimator(value)) })
  }
  return { parts, labels, encoders, columns, notes }
}

/** The objects of a file: itself, or the members of its list, tuple or dict. */
function objectsOf({
  file,
  value,
}: FileContent): { place: string; key?: string; value: Pickled }[] {
  if (Array.isArray(value) && value.some((item) => isConstructed(item))) {
    return value.map((item, i) => ({ place: `${file}[${i}]`, value: item }))
  }
  if (value instanceof Map) {
    return [...value].map(([name, item]) => {
      const key = labelText(name)
      return { place: `${file}[${key}]`, key, value: item }
    })
  }
  return [{ place: file, value }]
}

function namesIn(value: Pickled): readonly string[] | undefined {
  const isList =
    Array.isArray(value) || /^(_new_Index|ndarray|_reconstruct)$/.test(classOf(value)?.name ?? '')
  if (!isList) return undefined
  try {
    const labels = readLabels(value)
    const isText = labels.length > 0 && labels.every((label) => typeof label === 'string')
    return isText ? labels.map(labelText) : undefined
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

function classesOf(encoder: Pickled): readonly Cell[] {
  const state = isConstructed(encoder) ? encoder.state : undefined
  const classes = state instanceof Map ? state.get('classes_') : undefined
  return readLabels(classes).map((label) =>
    typeof label === 'number' || typeof label === 'boolean' ? label : labelText(label),
  )
}

/** Frames, arrays and plain values: data that an app keeps beside its model. */
const isData = (value: Pickled): boolean =>
  !isConstructed(value) || /^(pandas|numpy|scipy)\b/.test(classOf(value)?.module ?? '')

function about<T>(place: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw reworded(error, { message: `${place}: ${error.message}` })
  }
}

const isPredictor = ({ fitted }: Part): boolean =>
  fitted.predict !== undefined || fitted.proba !== undefined

function onlyPredictor(parts: readonly Part[]): Part {
  const predictors = parts.filter(isPredictor)
  const byName = predictors.filter(({ place }) => WELL_KNOWN.test(place))
  const chosen = predictors.length === 1 ? predictors : byName.length === 1 ? byName : []
  const [predictor] = chosen
  if (predictor !== undefined) return predictor
  if (predictors.length > 1) {
    throw problem('model_invalid', `Several files are a model: ${placesOf(predictors)}.`, {
      hint: `Name yours in model.json: {"file": "${predictors[0]?.place}"}`,
    })
  }
  const [part] = parts
  if (part === undefined) throw problem('model_invalid', 'No file holds a fitted estimator.')
  throw problem(
    'model_invalid',
    `${part.place}: ${part.fitted.name} predicts nothing: it only transforms.`,
    {
      hint: `Put the file of its model beside it, or dump both as one: make_pipeline(${part.fitted.name}, model).`,
    },
  )
}

const WELL_KNOWN = /(^|\/)(model|pipeline|clf|classifier|regressor)\.\w+$/i

/**
 * The steps before the model, in the one order in which widths fit. A pipeline has its steps
 * inside already.
 *
 * @throws Problem if there are two orders, or none and nothing else says what the model takes
 */
function orderOf(transformers: readonly Part[], predictor: Part): readonly Part[] {
  if (transformers.length === 0 || predictor.fitted.last !== undefined) return [predictor]
  const fitting = ordersOf(transformers.slice(0, CHAINED_MAX))
    .map((order) => [...order, predictor])
    .filter(fits)
  const longest = Math.max(0, ...fitting.map(({ length }) => length))
  const best = fitting.filter(({ length }) => length === longest)
  if (best.length === 1) return best[0] ?? []
  const how = best.length > 1 ? 'in more than one order' : 'in no order'
  const steps = [...transformers, predictor].map(({ place }) => place)
  throw problem('model_invalid', `${placesOf(transformers)} fit ${predictor.place} ${how}.`, {
    hint: `Say what the steps are in model.json, for example: ${JSON.stringify({ steps })}`,
  })
}

/**
 * Encoders and scalers of some columns, known by the names of the model's columns: encoders first,
 * since the others take numbers.
 *
 * @returns undefined if the files do not say so
 */
function onColumns(
  transformers: readonly Part[],
  encoders: ReadonlyMap<string, Labels>,
  predictor: Part,
): Readonly<{ model: Pick<Chain, 'fitted' | 'inputs'>; note: string }> | undefined {
  const inputs = inputsOf(predictor.value)
  const names = inputs.names ?? []
  const encoding = [...encoders].filter(([name]) => names.includes(name))
  const others = transformers.map((part) => ({ part, columns: inputsOf(part.value).names ?? [] }))
  const arePartial = others.every(
    ({ part, columns }) =>
      columns.length > 0 &&
      (columns.length < names.length || encoding.length > 0) &&
      columns.every((name) => names.includes(name)) &&
      (encoding.length > 0 || outputWidth(part) === columns.length),
  )
  if (!arePartial || encoding.length + others.length === 0 || others.length > 1) return undefined
  const steps = [
    ...encoding.map(([name, { classes }]) => ({ columns: [name], fitted: encoderOf(classes) })),
    ...others.map(({ part, columns }) => ({ columns, fitted: part.fitted })),
  ]
  const places = [
    ...encoding.map(([, { place }]) => place),
    ...others.map(({ part }) => part.place),
  ]
  return {
    model: { fitted: chain('Chain', [columnSteps(steps), predictor.fitted]), inputs },
    note: `Applied to the columns that they name, the others stay as they are: ${places.join(', ')}.`,
  }
}

/** Of more no order could be guessed with reason. */
const CHAINED_MAX = 3

/** All orders of all selections, e.g. of a and b: a, b, a b, b a. */
function ordersOf(parts: readonly Part[]): Part[][] {
  return parts.flatMap((part) => {
    const rest = parts.filter((other) => other !== part)
    return [[part], ...ordersOf(rest).map((order) => [part, ...order])]
  })
}

/** Whether each step takes as many columns as the one before gives. */
function fits(steps: readonly Part[]): boolean {
  return steps.every((step, i) => {
    const before = steps[i - 1]
    if (before === undefined) return true
    const { width, isText } = inputsOf(step.value)
    const given = outputWidth(before)
    return isText !== true && width !== undefined && width === given
  })
}

/** How many columns a transformer gives, found by giving it a made-up row. */
function outputWidth({ value, fitted }: Part): number | undefined {
  const inputs = inputsOf(value)
  const { isText } = inputs
  const names = inputNames(inputs)
  if (names === undefined || fitted.transform === undefined) return undefined
  try {
    return widthOf(fitted.transform(sampleFrame(fitted, names, isText === true ? 'text' : 1)))
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

/** Steps one after the other. */
function joined(parts: readonly Part[]): Pick<Chain, 'fitted' | 'inputs'> {
  const [first] = parts
  if (first === undefined) throw problem('model_invalid', 'No file holds a fitted estimator.')
  const fitted =
    parts.length === 1
      ? first.fitted
      : chain(
          'Chain',
          parts.map((part) => part.fitted),
        )
  return { fitted, inputs: inputsOf(first.value) }
}

type Beside = Readonly<{
  labels: Labels | undefined
  columns: readonly string[] | undefined
  notes: readonly string[]
}>

/**
 * Classes that are numbers of a LabelEncoder get their names. Of two classes it is used only if
 * `model.json` lists it: people encode columns such as the sex in the same way.
 */
function named(
  model: Pick<Chain, 'fitted' | 'inputs'>,
  { labels, columns, notes }: Beside,
  isDeclared: boolean,
): Chain {
  const { classes } = model.fitted
  if (labels === undefined) return { ...model, columns, notes }
  const names = classes?.flatMap((label) =>
    typeof label === 'number' ? (labels.classes[label] ?? []) : [],
  )
  const fits = names?.length === classes?.length && labels.classes.length === classes?.length
  if (names === undefined || !fits || (classes?.length === 2 && !isDeclared)) {
    const why = fits
      ? `its ${labels.classes.map(showCell).join(' and ')} may be a column's. If they are the classes, list it last in "steps" of model.json`
      : 'it has other classes than the model'
    return { ...model, columns, notes: [...notes, `${labels.place} is not used: ${why}.`] }
  }
  return {
    ...model,
    fitted: { ...model.fitted, classes: names },
    columns,
    notes: [...notes, `${labels.place} names the classes.`],
  }
}

const placesOf = (parts: readonly Part[], between = ', '): string =>
  parts.map(({ place }) => place).join(between)
