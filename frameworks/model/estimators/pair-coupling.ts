import type { Matrix } from '../frames/block.ts'

/** Platt's probability of the first class of a pair, clipped as libsvm clips it. */
export function pairProbability(decision: number, a: number, b: number): number {
  const z = decision * a + b
  const p = z >= 0 ? Math.exp(-z) / (1 + Math.exp(-z)) : 1 / (1 + Math.exp(z))
  return Math.min(1 - PAIR_MIN, Math.max(PAIR_MIN, p))
}

const PAIR_MIN = 1e-7

/**
 * Class probabilities that agree best with the probabilities of all pairs, by the iteration of
 * libsvm, for two classes too: its early stop is part of the answer.
 *
 * @param r probability of class i against class j
 * @see Wu, Lin and Weng, "Probability estimates for multi-class classification by pairwise coupling"
 */
export function coupled(r: Matrix): Float64Array {
  const k = r.rows
  const q = quadraticForm(r)
  const p = new Float64Array(k).fill(1 / k)
  const qp = new Float64Array(k)
  const rounds = Math.max(100, k)
  for (let round = 0; round < rounds; round++) {
    const pqp = products(q, p, qp)
    if (Math.max(...qp.map((value) => Math.abs(value - pqp))) < 0.005 / k) break
    update(q, p, qp, pqp)
  }
  return p
}

function quadraticForm({ rows: k, data: r }: Matrix): Float64Array {
  const q = new Float64Array(k * k)
  for (let t = 0; t < k; t++) {
    for (let j = 0; j < k; j++) {
      if (j === t) continue
      q[t * k + t]! += r[j * k + t]! ** 2
      q[t * k + j] = -r[j * k + t]! * r[t * k + j]!
    }
  }
  return q
}

/** Fills Qp and returns p'Qp. */
function products(q: Float64Array, p: Float64Array, qp: Float64Array): number {
  let pqp = 0
  for (let t = 0; t < p.length; t++) {
    let sum = 0
    for (let j = 0; j < p.length; j++) sum += q[t * p.length + j]! * p[j]!
    qp[t] = sum
    pqp += p[t]! * sum
  }
  return pqp
}

function update(q: Float64Array, p: Float64Array, qp: Float64Array, start: number): void {
  const k = p.length
  let pqp = start
  for (let t = 0; t < k; t++) {
    const diff = (-qp[t]! + pqp) / q[t * k + t]!
    p[t]! += diff
    pqp = (pqp + diff * (diff * q[t * k + t]! + 2 * qp[t]!)) / (1 + diff) / (1 + diff)
    for (let j = 0; j < k; j++) {
      qp[j] = (qp[j]! + diff * q[t * k + j]!) / (1 + diff)
      p[j]! /= 1 + diff
    }
  }
}
