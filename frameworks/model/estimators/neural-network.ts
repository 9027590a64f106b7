import { matrix, type Block, type Matrix } from '../frames/block.ts'
import { toMatrix } from '../frames/to-matrix.ts'
import { numbersOfList, unsupported, type Attributes } from './attributes.ts'
import { classifier } from './classifier.ts'
import type { Compiler } from './fitted.ts'
import { bothClasses, mapInPlace, requireWidth, sigmoid, softmaxRows } from './linear-algebra.ts'

/** MLPClassifier: layers of weights, a sigmoid or softmax at the end. */
export const mlpClassifier: Compiler = (estimator) => {
  const classes = estimator.classes()
  const isLogistic = estimator.text('out_activation_') === 'logistic'
  const forward = readNetwork(estimator, isLogistic && classes.length === 2 ? 1 : classes.length)
  const proba = (block: Block): Matrix => {
    const out = forward(block)
    if (!isLogistic) return softmaxRows(out)
    return bothClasses(mapInPlace(out, sigmoid))
  }
  return classifier(estimator, classes, proba)
}

export const mlpRegressor: Compiler = (estimator) => {
  const forward = readNetwork(estimator, 1)
  return { name: estimator.name, predict: (block) => forward(block).data }
}

type Layer = Readonly<{
  inputs: number
  outputs: number
  weights: Float64Array
  bias: Float64Array
}>

/** @param outputs of the last layer; others mean several targets at once, or several labels */
function readNetwork(estimator: Attributes, outputs: number): (block: Block) => Matrix {
  const biases = estimator.list('intercepts_').map(numbersOfList)
  const layers = estimator.list('coefs_').map((weights, i): Layer => {
    const flat = numbersOfList(weights)
    const bias = biases[i] ?? new Float64Array()
    return { inputs: flat.length / bias.length, outputs: bias.length, weights: flat, bias }
  })
  if (layers.at(-1)?.outputs !== outputs) throw unsupported(estimator, 'with several outputs')
  if (layers.some((layer, i) => i > 0 && layer.inputs !== layers[i - 1]!.outputs)) {
    throw estimator.missing('coefs_')
  }
  const activate = ACTIVATIONS[estimator.text('activation', 'relu')]
  if (activate === undefined) throw unsupported(estimator, 'with this activation')
  return (block) => {
    requireWidth(block, layers[0]?.inputs ?? 0, estimator.name)
    let x = toMatrix(block)
    layers.forEach((layer, i) => {
      x = applyLayer(x, layer)
      if (i < layers.length - 1) mapInPlace(x, activate)
    })
    return x
  }
}

const ACTIVATIONS: Readonly<Record<string, (value: number) => number>> = {
  relu: (value) => (value > 0 ? value : 0),
  tanh: Math.tanh,
  logistic: sigmoid,
  identity: (value) => value,
}

/** Weights lie input by input: the inner loop runs through memory in order. */
function applyLayer(x: Matrix, { inputs, outputs, weights, bias }: Layer): Matrix {
  const out = matrix(x.rows, outputs)
  for (let r = 0; r < x.rows; r++) {
    for (let i = 0; i < inputs; i++) {
      const value = x.data[r * inputs + i]!
      for (let o = 0; o < outputs; o++)
        out.data[r * outputs + o]! += value * weights[i * outputs + o]!
    }
    for (let o = 0; o < outputs; o++) out.data[r * outputs + o]! += bias[o]!
  }
  return out
}
