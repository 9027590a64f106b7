import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import { problem } from '../problems.ts'

/**
 * A model as it is stored: a mark, the SHA-256 of what follows, and the structured clone of the
 * value (plain data, Maps, Sets, dates, typed arrays: no code can be in it).
 */
export function encodeModel(model: unknown): Uint8Array {
  const content = serialize(model)
  return Buffer.concat([MARK, sha256(content), content])
}

/**
 * @param name of the model, for the message
 * @throws Problem `model_broken` for anything that is not what `encodeModel` wrote, whole
 */
export function decodeModel(bytes: Uint8Array, name: string): unknown {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const content = file.subarray(MARK.length + HASH_BYTES)
  const hash = file.subarray(MARK.length, MARK.length + HASH_BYTES)
  if (!file.subarray(0, MARK.length).equals(MARK))
    throw broken(name, 'it is not a model file of hokku')
  if (!sha256(content).equals(hash)) throw broken(name, 'it was cut short or changed')
  // Aligned anew: typed arrays inside need it, and the whole file can be let go.
  return deserialize(Buffer.from(content))
}

const MARK = Buffer.from('hokku model 1\n\0\0')
const HASH_BYTES = 32

const sha256 = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest()

const broken = (name: string, reason: string) =>
  problem('model_broken', `The stored model ${name} cannot be read: ${reason}.`, {
    hint: 'Train again with pio train, then deploy.',
  })
