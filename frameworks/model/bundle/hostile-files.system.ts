import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inflateSync } from 'node:zlib'
import { Problem } from '@hokku/kit/problem'
import { readPickle as readBytes } from '../pickle/read-pickle.ts'
import { scoreEach } from './model.ts'
import { assembleModel } from './parts.ts'
import { SUPPORTED } from '../estimators/registry.ts'

/** As the service reads files: with all estimators that it can compute. */
const readPickle = (file: Uint8Array) => readBytes(file, { estimators: SUPPORTED })

/**
 * Real files with a few bytes changed: each either still is a model that answers or refuses, or is
 * refused by a `Problem`. Anything else, or a hang, is our own bug. Every run tries other bytes;
 * `SEED` repeats one, `MUTANTS` tries more of every file.
 */
const OWN = join(import.meta.dirname, '../fixtures/own')
const MUTANTS = Number(process.env['MUTANTS'] ?? 6)
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
/** Far beyond what any takes: a hang. */
const SECONDS_MAX = 30

/** A small generator with a seed, so that a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  for (let i = 0; i <= random(4); i++) {
    const at = random(copy.length)
    const ways = [random(256), copy[at]! ^ (1 << random(8)), 0xff, 0, copy[random(copy.length)]!]
    copy[at] = ways[random(ways.length)]!
  }
  return random(10) === 0 ? copy.subarray(0, random(copy.length)) : copy
}

type Line = {
  pipeline: string
  dtypes: string
  columns: string[]
  requests: { observation: Record<string, unknown> }[]
  meta: { name: string }
}

for (const file of readdirSync(OWN)) {
  test(`damaged files of scikit-learn ${file.replace('.jsonl', '')} are refused or answer, and never crash`, () => {
    const lines = readFileSync(join(OWN, file), 'utf8').trim().split('\n')
    for (const [number, line] of lines.entries()) {
      const { pipeline, dtypes, columns, requests, meta } = JSON.parse(line) as Line
      const types = readPickle(inflateSync(Buffer.from(dtypes, 'base64')))
      const whole = inflateSync(Buffer.from(pipeline, 'base64'))
      for (let i = 0; i < MUTANTS; i++) {
        const startedAt = performance.now()
        try {
          const model = assembleModel(
            readPickle(mutate(whole, randomFrom(SEED + number * 1000 + i))),
            columns,
            types,
          )
          scoreEach(
            model,
            requests.map(({ observation }) => observation),
          )
        } catch (error) {
          assert(
            error instanceof Problem,
            `SEED=${SEED} ${meta.name} mutant ${i}: ${String(error instanceof Error ? error.stack : error)}`,
          )
        }
        const seconds = (performance.now() - startedAt) / 1000
        assert(
          seconds < SECONDS_MAX,
          `SEED=${SEED} ${meta.name} mutant ${i} took ${seconds.toFixed(1)} s`,
        )
      }
    }
  })
}
