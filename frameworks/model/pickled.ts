/**
 * What the reader makes of a pickle: inert data, of types that survive `postMessage`. A class is a
 * pair of names, an object is the record of how the file wants it made. Nothing is looked up,
 * imported or called.
 */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Pickled[]
  | Map<Pickled, Pickled>
  | Set<Pickled>
  | Global
  | Constructed

/** A class or function, by its names only. Lists and tuples are both arrays. */
export type Global = Readonly<{ kind: 'global'; module: string; name: string }>

/** An object as its file describes it: callee and arguments, then state, entries and items. */
export type Constructed = {
  readonly kind: 'constructed'
  readonly of: Pickled
  readonly args: Pickled[]
  /** Given by BUILD. */
  state: Pickled | undefined
  /** Given by SETITEMS: subclasses of dict. */
  entries: Map<Pickled, Pickled> | undefined
  /** Given by APPENDS: subclasses of list. */
  items: Pickled[] | undefined
  /** Content that joblib keeps beside the pickle stream: raw bytes, or objects in C order. */
  content: Uint8Array | Pickled | undefined
}

export const constructed = (of: Pickled, args: Pickled[] = []): Constructed => ({
  kind: 'constructed',
  of,
  args,
  state: undefined,
  entries: undefined,
  items: undefined,
  content: undefined,
})

const isTagged = (value: unknown, kind: string): boolean =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === kind

export const isConstructed = (value: unknown): value is Constructed =>
  isTagged(value, 'constructed')
export const isGlobal = (value: unknown): value is Global => isTagged(value, 'global')

/** The class an object is made of; undefined for plain data. */
export function classOf(value: Pickled | undefined): Global | undefined {
  return isConstructed(value) && isGlobal(value.of) ? value.of : undefined
}

/** A name or a label as text: a column of a frame, a step of a pipeline, a term. */
export function labelText(value: Pickled | undefined): string {
  return typeof value === 'string' ? value : describe(value)
}

/** The text of an integer, float, string, … or the class of an object: for messages. */
export function describe(value: Pickled | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'None'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (value instanceof Map) return 'a dict'
  if (value instanceof Set) return 'a set'
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (isGlobal(value)) return `${value.module}.${value.name}`
  if (isConstructed(value)) {
    const of = classOf(value)
    return of === undefined ? 'an object' : `a ${of.module}.${of.name}`
  }
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
}
