import { problem } from '../problems.ts'
import type { Fitted } from '../estimators/fitted.ts'
import { argmaxRows } from '../estimators/linear-algebra.ts'
import { matrix, type Block, type Column, type Frame, type Matrix } from '../frames/block.ts'
import { isNaNCell, NA, type Cell } from '../frames/cell.ts'
import { textOfCell } from '../frames/python-number.ts'
import { refusal } from '../frames/refusal.ts'
import { numbersOf, toMatrix } from '../frames/to-matrix.ts'
import { toObjects } from '../frames/to-objects.ts'
import type { Feed, Meta, OnnxSession, RunRequest } from './onnx-session.ts'

/**
 * An ONNX model as an estimator: inputs are one tensor of all columns, or one a column by name;
 * outputs are probabilities (and a label), or a single number.
 *
 * @param names columns in order
 * @param classes labels; unless given 0, 1, … for a model whose labels are integers
 */
export function onnxEstimator(
  session: OnnxSession,
  names: readonly string[],
  classes: readonly Cell[] | undefined,
): Fitted {
  const feed = feeder(session.inputs, names)
  const [label, scores] = outputsOf(session.outputs)
  const answer = (block: Block, output: Meta): Feed => {
    const result = session.run(feed(asFrame(block)))[output.name]
    if (result === undefined)
      throw problem('model_invalid', `The ONNX model gave no ${output.name}.`)
    return result
  }
  if (label === undefined) {
    return { name: 'ONNX', predict: (block) => numbersIn(answer(block, scores)) }
  }
  const labels = classes ?? integerLabels(label, scores)
  const proba = (block: Block): Matrix => {
    const { data, dims } = answer(block, scores)
    return matrix(dims[0] ?? 0, dims[1] ?? 1, Float64Array.from(data as Float32Array))
  }
  return {
    name: 'ONNX',
    classes: labels,
    proba,
    predict: (block) => argmaxRows(proba(block)),
    isArgmax: true,
  }
}

function outputsOf(outputs: readonly Meta[]): [label: Meta | undefined, scores: Meta] {
  if (outputs.some((output) => !output.isTensor)) {
    throw problem('model_unsupported', 'The ONNX model returns maps instead of tensors.', {
      hint: "Convert it with options={id(model): {'zipmap': False}}.",
    })
  }
  const floats = outputs.filter((output) => output.type?.startsWith('float'))
  const label = outputs.find((output) => output.type === 'int64' || output.type === 'string')
  const scores = floats[0]
  if (scores === undefined)
    throw problem('model_unsupported', 'The ONNX model does not return numbers.')
  return [label, scores]
}

function integerLabels(label: Meta, scores: Meta): Cell[] {
  const count = Number(scores.shape?.[1])
  if (label.type === 'int64' && count >= 2) return Array.from({ length: count }, (_, k) => k)
  throw problem('model_invalid', 'The ONNX model does not list its classes.', {
    hint: 'Put them into classes.json beside it, in the order of the probabilities: ["no", "yes"].',
  })
}

function feeder(inputs: readonly Meta[], names: readonly string[]): (frame: Frame) => RunRequest {
  const only = inputs[0]
  if (inputs.length === 1 && only !== undefined && !names.includes(only.name)) {
    return (frame) => ({ [only.name]: wholeTensor(frame, only) })
  }
  const unknown = inputs.filter((input) => !names.includes(input.name)).map((input) => input.name)
  if (unknown.length > 0) {
    throw problem(
      'model_invalid',
      `The ONNX model wants ${unknown.join(', ')}, which columns.json lacks.`,
    )
  }
  return (frame) =>
    Object.fromEntries(
      inputs.map((input) => [
        input.name,
        columnTensor(frame.columns[names.indexOf(input.name)]!, input),
      ]),
    )
}

function wholeTensor(frame: Frame, input: Meta): Feed {
  const dims = [frame.rows, frame.columns.length]
  if (input.type === 'string') {
    return { type: 'string', data: toObjects(frame).cells.map(inputText), dims }
  }
  return tensorOf(toMatrix(frame, 'any').data, input, dims)
}

function columnTensor(column: Column, input: Meta): Feed {
  const dims = [column.values.length, 1]
  if (input.type === 'string') {
    return { type: 'string', data: Array.from(column.values as readonly Cell[], inputText), dims }
  }
  return tensorOf(numbersOf(column), input, dims)
}

/** ONNX has no missing text: an empty one stands for it. */
const inputText = (cell: Cell): string =>
  cell === null || cell === NA || isNaNCell(cell) ? '' : textOfCell(cell)

function tensorOf(numbers: Float64Array, { name, type = 'float32' }: Meta, dims: number[]): Feed {
  if (type === 'float32') return { type, data: new Float32Array(numbers), dims }
  if (type === 'float64') return { type, data: numbers, dims }
  if (numbers.some((value) => !Number.isFinite(value)))
    throw refusal(`${name} must not be missing.`)
  if (type === 'int64')
    return { type, data: BigInt64Array.from(numbers, (value) => BigInt(Math.trunc(value))), dims }
  if (type === 'int32') return { type, data: new Int32Array(numbers), dims }
  if (type === 'bool') return { type, data: new Uint8Array(numbers), dims }
  throw problem('model_unsupported', `ONNX inputs of type ${type} are not supported.`)
}

const numbersIn = ({ data }: Feed): Float64Array => Float64Array.from(data as Float32Array, Number)

function asFrame(block: Block): Frame {
  if (block.kind === 'frame') return block
  throw problem('model_invalid', 'An ONNX model takes observations as they come.')
}
