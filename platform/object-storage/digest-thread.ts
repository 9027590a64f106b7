import { parentPort } from 'node:worker_threads'
import { createDigests, type DigestName, type DigestValues } from './digests.ts'

/** What a thread gets about the body `id`. */
export type DigestOrder = Readonly<
  { id: number } & (
    | { kind: 'open'; names: readonly DigestName[] }
    | { kind: 'take'; pieces: readonly Uint8Array[] }
    | { kind: 'end' }
    | { kind: 'drop' }
  )
>

export type DigestReport = Readonly<
  { id: number } & ({ kind: 'taken'; bytes: number } | { kind: 'values'; values: DigestValues })
>

const bodies = new Map<number, ReturnType<typeof createDigests>>()

parentPort?.on('message', (order: DigestOrder) => {
  const report = obey(order)
  if (report !== undefined) parentPort?.postMessage(report)
})

function obey(order: DigestOrder): DigestReport | undefined {
  const { id, kind } = order
  const body = bodies.get(id)
  if (kind === 'open') bodies.set(id, createDigests(order.names))
  else if (kind === 'drop') bodies.delete(id)
  else if (kind === 'take') {
    const bytes = order.pieces.reduce((sum, piece) => sum + piece.length, 0)
    for (const piece of order.pieces) body?.update(piece)
    // At once: collectors count such memory late, and then work hard to find it.
    for (const { buffer } of order.pieces) {
      if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0)
    }
    return { id, kind: 'taken', bytes }
  } else {
    bodies.delete(id)
    return { id, kind: 'values', values: body?.values() ?? {} }
  }
  return undefined
}
