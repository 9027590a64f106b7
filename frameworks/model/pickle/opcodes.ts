import { problem } from '../problems.ts'
import { readLong } from './long.ts'
import type { Machine } from './machine.ts'
import { describe, isConstructed, constructed, type Constructed, type Pickled } from '../pickled.ts'

type Opcode = Readonly<{ name: string; run: (machine: Machine) => void }>

/** What each byte of a pickle does, for protocols 2 to 5. Bytes that are missing here are refused. */
export const OPCODES: readonly (Opcode | undefined)[] = tableOf({
  // Constants
  N: ['NONE', (m) => m.push(null)],
  '\x88': ['NEWTRUE', (m) => m.push(true)],
  '\x89': ['NEWFALSE', (m) => m.push(false)],
  J: ['BININT', (m) => m.push(m.cursor.i32())],
  K: ['BININT1', (m) => m.push(m.cursor.u8())],
  M: ['BININT2', (m) => m.push(m.cursor.u16())],
  '\x8a': ['LONG1', (m) => m.push(readLong(m.cursor.take(m.cursor.u8())))],
  '\x8b': ['LONG4', (m) => m.push(readLong(m.cursor.take(m.cursor.u32())))],
  G: ['BINFLOAT', (m) => m.push(m.cursor.f64())],
  // Text and bytes; under protocol 2 old strings stand for bytes and are read as latin1
  '\x8c': ['SHORT_BINUNICODE', (m) => m.push(m.cursor.text(m.cursor.u8()))],
  X: ['BINUNICODE', (m) => m.push(m.cursor.text(m.cursor.u32()))],
  '\x8d': ['BINUNICODE8', (m) => m.push(m.cursor.text(m.cursor.u64()))],
  U: ['SHORT_BINSTRING', (m) => m.push(m.cursor.text(m.cursor.u8(), 'latin1'))],
  T: ['BINSTRING', (m) => m.push(m.cursor.text(m.cursor.u32(), 'latin1'))],
  C: ['SHORT_BINBYTES', (m) => m.push(m.cursor.take(m.cursor.u8()))],
  B: ['BINBYTES', (m) => m.push(m.cursor.take(m.cursor.u32()))],
  '\x8e': ['BINBYTES8', (m) => m.push(m.cursor.take(m.cursor.u64()))],
  '\x96': ['BYTEARRAY8', (m) => m.push(m.cursor.take(m.cursor.u64()))],
  // Collections
  ']': ['EMPTY_LIST', (m) => m.push([])],
  ')': ['EMPTY_TUPLE', (m) => m.push([])],
  '}': ['EMPTY_DICT', (m) => m.push(new Map())],
  '\x8f': ['EMPTY_SET', (m) => m.push(new Set())],
  t: ['TUPLE', (m) => m.push(m.popToMark())],
  '\x85': ['TUPLE1', (m) => m.push([m.pop()])],
  '\x86': ['TUPLE2', (m) => m.push(m.popMany(2))],
  '\x87': ['TUPLE3', (m) => m.push(m.popMany(3))],
  '\x91': ['FROZENSET', (m) => m.push(new Set(m.popToMark()))],
  a: ['APPEND', (m) => append(m, [m.pop()])],
  e: ['APPENDS', (m) => append(m, m.popToMark())],
  s: ['SETITEM', (m) => setItems(m, m.popMany(2))],
  u: ['SETITEMS', (m) => setItems(m, m.popToMark())],
  '\x90': ['ADDITEMS', addItems],
  // Stack and memo
  '(': ['MARK', (m) => m.mark()],
  '0': ['POP', (m) => m.popOrMark()],
  '1': ['POP_MARK', (m) => void m.popToMark()],
  '2': ['DUP', (m) => m.push(m.top())],
  q: ['BINPUT', (m) => m.remember(m.cursor.u8())],
  r: ['LONG_BINPUT', (m) => m.remember(m.cursor.u32())],
  '\x94': ['MEMOIZE', (m) => m.remember(m.memo.size)],
  h: ['BINGET', (m) => m.push(m.recall(m.cursor.u8()))],
  j: ['LONG_BINGET', (m) => m.push(m.recall(m.cursor.u32()))],
  // Classes and objects
  c: ['GLOBAL', (m) => m.push(m.global(m.cursor.line(), m.cursor.line()))],
  '\x93': ['STACK_GLOBAL', stackGlobal],
  R: ['REDUCE', (m) => m.push(m.reduce(...pair(m)))],
  '\x81': ['NEWOBJ', (m) => m.push(constructed(...pair(m)))],
  '\x92': ['NEWOBJ_EX', newObjectWithKeywords],
  b: ['BUILD', (m) => m.build(m.pop())],
  // Framing: a hint for buffered readers; nothing may be skipped because of it
  '\x80': ['PROTO', checkProtocol],
  '\x95': ['FRAME', (m) => void m.cursor.take(8)],
  '.': ['STOP', (m) => m.stop()],
})

/** Opcodes that we know and refuse, with what to do about it. */
export const REFUSED: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries({
    i: 'INST',
    o: 'OBJ',
    P: 'PERSID',
    Q: 'BINPERSID',
    '\x82': 'EXT1',
    '\x83': 'EXT2',
    '\x84': 'EXT4',
    '\x97': 'NEXT_BUFFER',
    '\x98': 'READONLY_BUFFER',
    I: 'INT',
    L: 'LONG',
    F: 'FLOAT',
    S: 'STRING',
    V: 'UNICODE',
    g: 'GET',
    p: 'PUT',
    d: 'DICT',
    l: 'LIST',
  }).map(([byte, name]) => [byte.charCodeAt(0), name]),
)

function append(machine: Machine, items: readonly Pickled[]): void {
  const target = machine.top()
  const list = Array.isArray(target)
    ? target
    : isConstructed(target)
      ? (target.items ??= [])
      : undefined
  if (list === undefined) throw mismatch('APPENDS', target)
  for (const item of items) list.push(item)
}

function setItems(machine: Machine, flat: readonly Pickled[]): void {
  const target = machine.top()
  const entries =
    target instanceof Map
      ? target
      : isConstructed(target)
        ? (target.entries ??= new Map())
        : undefined
  if (entries === undefined || flat.length % 2 !== 0) throw mismatch('SETITEMS', target)
  for (let i = 0; i < flat.length; i += 2) entries.set(flat[i]!, flat[i + 1]!)
}

function addItems(machine: Machine): void {
  const items = machine.popToMark()
  const target = machine.top()
  if (!(target instanceof Set)) throw mismatch('ADDITEMS', target)
  for (const item of items) target.add(item)
}

function stackGlobal(machine: Machine): void {
  const [module, name] = machine.popMany(2)
  if (typeof module !== 'string' || typeof name !== 'string') throw mismatch('STACK_GLOBAL', name)
  machine.push(machine.global(module, name))
}

function pair(machine: Machine): [Pickled, Pickled[]] {
  const [callee, args] = machine.popMany(2)
  if (!Array.isArray(args)) throw mismatch('REDUCE', args)
  return [callee!, args]
}

function newObjectWithKeywords(machine: Machine): void {
  const [callee, args, keywords] = machine.popMany(3)
  if (!Array.isArray(args) || !(keywords instanceof Map)) throw mismatch('NEWOBJ_EX', args)
  const object: Constructed = constructed(callee!, args)
  if (keywords.size > 0) object.state = keywords
  machine.push(object)
}

function checkProtocol(machine: Machine): void {
  const protocol = machine.cursor.u8()
  if (protocol < 2 || protocol > 5) {
    throw problem('pickle_invalid', `Pickle protocol ${protocol} is not supported.`, {
      hint: 'Save the model with protocol 2, 3, 4 or 5 (pickle.dump(model, file, protocol=4)).',
    })
  }
}

const mismatch = (opcode: string, target: Pickled | undefined): Error =>
  problem('pickle_invalid', `The pickle applies ${opcode} to ${describe(target)}.`)

function tableOf(
  rows: Record<string, [name: string, run: (machine: Machine) => void]>,
): (Opcode | undefined)[] {
  const table = Array.from<Opcode | undefined>({ length: 256 })
  for (const [byte, [name, run]] of Object.entries(rows)) table[byte.charCodeAt(0)] = { name, run }
  return table
}
