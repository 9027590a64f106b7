import { Problem } from '@hokku/kit/problem'
import { problem } from '../problems.ts'
import { allowList, type AllowList } from '../pickle/allow-list.ts'
import { unsupportedClasses, type ReadOptions } from '../pickle/read-pickle.ts'
import { constructed, type Global, type Constructed, type Pickled } from '../pickled.ts'
import { readNpy } from './npy.ts'
import { openArchive, type Archive } from './zip.ts'

/** Whether a file is an archive, as skops writes. */
export const isArchive = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b

/**
 * Reads a skops file, a zip of JSON and arrays, into the same inert values that a pickle gives.
 *
 * @throws Problem `pickle_unsupported` that lists every class outside the allow-list
 */
export function readSkops(
  bytes: Uint8Array,
  { bytesMax, estimators = [] }: ReadOptions & Readonly<{ bytesMax: number }>,
): Pickled {
  const archive = openArchive(bytes, bytesMax)
  const reader = new SkopsReader(archive, bytesMax, allowList(estimators))
  try {
    const value = reader.read()
    if (reader.unsupported.size > 0) throw unsupportedClasses(reader.unsupported)
    return value
  } catch (error) {
    if (reader.unsupported.size > 0) throw unsupportedClasses(reader.unsupported)
    if (error instanceof Problem) throw error
    throw problem('pickle_invalid', 'The file is not a readable skops file.', { cause: error })
  }
}

type Node = Readonly<Record<string, unknown>>

class SkopsReader {
  readonly unsupported = new Map<string, Global>()
  readonly #archive: Archive
  readonly #bytesMax: number
  readonly #isAllowed: AllowList
  readonly #done = new Map<unknown, Pickled>()

  constructor(archive: Archive, bytesMax: number, isAllowed: AllowList) {
    this.#archive = archive
    this.#bytesMax = bytesMax
    this.#isAllowed = isAllowed
  }

  read(): Pickled {
    const text = Buffer.from(this.#archive.read('schema.json')).toString('utf8')
    return this.#value(JSON.parse(text))
  }

  /** An object that the file mentions again stays one object. */
  #value(raw: unknown): Pickled {
    const node = nodeOf(raw)
    const id = node['__id__']
    const known = this.#done.get(id)
    if (known !== undefined) return known
    const value = this.#fresh(node)
    if (id !== undefined) this.#done.set(id, value)
    return value
  }

  #fresh(node: Node): Pickled {
    const loader = String(node['__loader__'])
    const read = Object.hasOwn(READERS, loader) ? READERS[loader] : undefined
    if (read === undefined)
      throw problem('pickle_invalid', `skops' ${loader.slice(0, 50)} is not supported.`)
    return read(node, {
      value: (part) => this.#value(part),
      class: () => this.#class(node),
      file: (name) => this.#archive.read(String(name)),
      archive: (name) => openArchive(this.#archive.read(String(name)), this.#bytesMax),
    })
  }

  #class(node: Node): Global {
    const [module, name] = [String(node['__module__']), String(node['__class__'])]
    const global: Global = { kind: 'global', module, name }
    if (!this.#isAllowed(module, name)) this.unsupported.set(`${module}.${name}`, global)
    return global
  }
}

type Parts = Readonly<{
  value: (part: unknown) => Pickled
  class: () => Global
  file: (name: unknown) => Uint8Array
  archive: (name: unknown) => Archive
}>
type Reader = (node: Node, parts: Parts) => Pickled

const opaque: Reader = (_node, parts) => constructed(parts.class())
const listOf: Reader = ({ content }, { value }) => arrayOf(content).map(value)

const READERS: Readonly<Record<string, Reader>> = {
  JsonNode: ({ content }) => scalarOf(String(content)),
  ListNode: listOf,
  TupleNode: listOf,
  SetNode: (node, parts) => new Set(listOf(node, parts) as Pickled[]),
  DictNode: dictOf,
  DefaultDictNode: ({ content }, { value }) => value(nodeOf(content)['main']),
  TypeNode: (_node, parts) => parts.class(),
  FunctionNode: (_node, parts) => parts.class(),
  DTypeNode: ({ content }, { value }) => dtypeOf(value(content)),
  SliceNode: ({ content }) => {
    const { start, stop, step } = nodeOf(content) as Record<string, Pickled>
    return constructed({ kind: 'global', module: 'builtins', name: 'slice' }, [
      start ?? null,
      stop ?? null,
      step ?? null,
    ])
  },
  PartialNode: ({ content }, parts) =>
    constructed(parts.class(), [parts.value(nodeOf(content)['func'])]),
  NdArrayNode: arrayNode,
  SparseMatrixNode: sparseNode,
  ObjectNode: (node, parts) => withState(constructed(parts.class()), node, parts),
  TreeNode: (node, parts) => {
    const { args } = nodeOf(node['__reduce__'])
    return withState(constructed(parts.class(), parts.value(args) as Pickled[]), node, parts)
  },
  LossNode: opaque,
  SGDNode: opaque,
  KDTreeNode: opaque,
  // The protocol of a search for parameters.
  MaskedArrayNode: opaque,
  RandomStateNode: opaque,
  RandomGeneratorNode: opaque,
}

function withState(object: Constructed, { content }: Node, { value }: Parts): Constructed {
  if (content !== null && content !== undefined) object.state = value(content)
  return object
}

/** Keys are texts in JSON; beside them stand their types. */
function dictOf(node: Node, { value }: Parts): Pickled {
  const types = arrayOf(nodeOf(node['key_types'])['content']).map((type) =>
    String(nodeOf(type)['__class__']),
  )
  const entries = Object.entries(nodeOf(node['content'])).map(
    ([key, item], i): [Pickled, Pickled] => {
      const isNumber = /^(int|float)/.test(types[i] ?? '')
      return [isNumber ? Number(key) : key, value(item)]
    },
  )
  return new Map(entries)
}

function arrayNode(node: Node, { value, file }: Parts): Pickled {
  if (node['type'] === 'numpy') return readNpy(file(node['file']))
  const shape = node['shape'] === undefined ? undefined : value(node['shape'])
  const items = value({ __loader__: 'ListNode', content: node['content'] }) as Pickled[]
  const array = constructed({ kind: 'global', module: 'numpy', name: '_reconstruct' })
  const dtype = constructed({ kind: 'global', module: 'numpy', name: 'dtype' }, ['O8', false, true])
  const lengths = Array.isArray(shape) ? shape : [items.length]
  array.state = [1, lengths, dtype, false, flat(items, lengths.length)]
  return array
}

/** Nested lists become one, as deep as the array has dimensions. */
const flat = (items: Pickled[], dimensions: number): Pickled[] =>
  dimensions > 1 && items.every((item) => Array.isArray(item))
    ? flat(items.flat() as Pickled[], dimensions - 1)
    : items

function sparseNode(node: Node, { class: classOf, archive }: Parts): Pickled {
  const members = archive(node['file'])
  const read = (name: string): Constructed => readNpy(members.read(`${name}.npy`))
  const matrix = constructed(classOf())
  matrix.state = new Map<Pickled, Pickled>([
    ['data', read('data')],
    ['indices', read('indices')],
    ['indptr', read('indptr')],
    ['_shape', read('shape')],
  ])
  return matrix
}

const dtypeOf = (array: Pickled): Pickled => {
  const state =
    typeof array === 'object' && array !== null && 'state' in array ? array.state : undefined
  return Array.isArray(state) ? (state[2] ?? null) : null
}

/** Python's JSON knows three more numbers. */
function scalarOf(text: string): Pickled {
  if (text === 'NaN') return Number.NaN
  if (text === 'Infinity') return Infinity
  if (text === '-Infinity') return -Infinity
  return JSON.parse(text) as Pickled
}

function nodeOf(raw: unknown): Node {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw problem('pickle_invalid', 'The schema of the skops file is damaged.')
  }
  return raw as Node
}

function arrayOf(raw: unknown): unknown[] {
  if (!Array.isArray(raw))
    throw problem('pickle_invalid', 'The schema of the skops file is damaged.')
  return raw
}
