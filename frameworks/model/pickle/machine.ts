import { problem } from '../problems.ts'
import type { AllowList } from './allow-list.ts'
import type { ByteCursor } from './byte-cursor.ts'
import { contentOf, isArrayWrapper } from './joblib.ts'
import {
  classOf,
  describe,
  labelText,
  isGlobal,
  isConstructed,
  constructed,
  type Global,
  type Pickled,
} from '../pickled.ts'

/** Runs a machine's opcodes to STOP and gives the value that is left. */
export type Interpreter = (machine: Machine) => Pickled

export type MachineParts = Readonly<{
  cursor: ByteCursor
  /** Runs a pickle that is inside this one. */
  interpret: Interpreter
  isAllowed: AllowList
  /** Filled with the names outside the allow-list. */
  unsupported: Map<string, Global>
}>

/**
 * The stack machine that a pickle is written for, without its dangerous half: classes stay names
 * and calls stay records. Names outside the allow-list are collected in `unsupported`, so that one
 * refusal can tell them all.
 */
export class Machine {
  readonly cursor: ByteCursor
  readonly memo = new Map<number, Pickled>()
  readonly unsupported: Map<string, Global>
  readonly #parts: MachineParts
  readonly #depth: number
  readonly #stack: Pickled[] = []
  readonly #marks: number[] = []
  readonly #globals = new Map<string, Global>()
  #result: { value: Pickled } | undefined

  constructor(parts: MachineParts, depth = 0) {
    this.#parts = parts
    this.cursor = parts.cursor
    this.unsupported = parts.unsupported
    this.#depth = depth
  }

  /** The one value that is left at the end; undefined before STOP. */
  get result(): Readonly<{ value: Pickled }> | undefined {
    return this.#result
  }

  stop(): void {
    this.#result = { value: this.pop() }
  }

  push(value: Pickled): void {
    if (this.#stack.length >= STACK_MAX) throw tooDeep('values', STACK_MAX)
    this.#stack.push(value)
  }

  pop(): Pickled {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw underflow(this.cursor.at)
    return this.#stack.pop()!
  }

  top(): Pickled {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw underflow(this.cursor.at)
    return this.#stack.at(-1)!
  }

  popMany(count: number): Pickled[] {
    const start = this.#stack.length - count
    if (start < (this.#marks.at(-1) ?? 0)) throw underflow(this.cursor.at)
    return this.#stack.splice(start, count)
  }

  popToMark(): Pickled[] {
    const start = this.#marks.pop()
    if (start === undefined) throw underflow(this.cursor.at)
    return this.#stack.splice(start)
  }

  popOrMark(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop()
    else this.pop()
  }

  mark(): void {
    if (this.#marks.length >= MARKS_MAX) throw tooDeep('marks', MARKS_MAX)
    this.#marks.push(this.#stack.length)
  }

  remember(index: number): void {
    if (this.memo.size >= MEMO_MAX) throw tooDeep('memo entries', MEMO_MAX)
    this.memo.set(index, this.top())
  }

  recall(index: number): Pickled {
    const value = this.memo.get(index)
    if (value === undefined) {
      throw problem('pickle_invalid', `The pickle refers to memo ${index}, which it never wrote.`)
    }
    return value
  }

  global(module: string, name: string): Global {
    const key = `${module}\n${name}`
    const known = this.#globals.get(key)
    if (known !== undefined) return known
    const fresh: Global = { kind: 'global', module, name }
    if (!this.#parts.isAllowed(module, name)) this.unsupported.set(`${module}.${name}`, fresh)
    this.#globals.set(key, fresh)
    return fresh
  }

  /** REDUCE: the record of a call. Only the spellings of plain data are worked out. */
  reduce(callee: Pickled, args: Pickled[]): Pickled {
    if (isConstructed(callee) && classOf(callee)?.name === 'partial')
      return constructed(callee, args)
    if (!isGlobal(callee)) throw problem('pickle_invalid', `The pickle calls ${describe(callee)}.`)
    const name = `${callee.module}.${callee.name}`
    if (name === '_codecs.encode' && typeof args[0] === 'string') {
      return new Uint8Array(Buffer.from(args[0], 'latin1'))
    }
    // Protocol 2 has no bytes; empty ones are a call without arguments.
    if (/^(builtins|__builtin__)\.bytes$/.test(name) && args.length === 0) return new Uint8Array()
    if (/^copy_?reg\._reconstructor$/.test(name)) return constructed(args[0] ?? null)
    if (/^copy_?reg\.__newobj__$/.test(name)) return constructed(args[0] ?? null, args.slice(1))
    if (/^dill\._?dill\._create_array$/.test(name)) return dillArray(args)
    // dill calls a function for the types of Python itself; the allow-list decides on them too.
    if (/^dill\._?dill\._load_type$/.test(name)) return this.global('builtins', labelText(args[0]))
    return constructed(callee, args)
  }

  /** BUILD: attaches state. After a joblib wrapper, its array follows in the file. */
  build(state: Pickled): void {
    const target = this.top()
    if (!isConstructed(target)) throw problem('pickle_invalid', `BUILD on ${describe(target)}.`)
    target.state = state
    if (isArrayWrapper(target)) {
      target.content = contentOf(target, this.cursor, () => this.#parts.interpret(this.#nested()))
    }
  }

  #nested(): Machine {
    if (this.#depth >= NESTING_MAX) throw tooDeep('nested pickles', NESTING_MAX)
    return new Machine(this.#parts, this.#depth + 1)
  }
}

/** Collections are emptied in batches of 1000, so real stacks stay far below. */
const STACK_MAX = 4_000_000
/** Python itself gives up at about 1000 levels. */
const MARKS_MAX = 10_000
const MEMO_MAX = 20_000_000
const NESTING_MAX = 20

const tooDeep = (what: string, limit: number): Error =>
  problem('pickle_too_large', `The pickle holds more than ${limit} ${what} at once.`)

const underflow = (at: number): Error =>
  problem('pickle_invalid', `The pickle pops from an empty stack near byte ${at}.`)

/** dill's spelling of a NumPy array: the call that makes an empty one, its arguments, and its state. */
function dillArray([make, args, state]: readonly Pickled[]): Pickled {
  const isArray = isGlobal(make) && make.module.startsWith('numpy') && make.name === '_reconstruct'
  if (!isArray || !Array.isArray(args)) {
    throw problem('pickle_invalid', 'An array of dill is not an array of NumPy.')
  }
  return { ...constructed(make, args), state }
}
