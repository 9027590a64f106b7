import { STOP_WORDS } from '../../examples/wordcloud/counting/stop-words.ts'

/** From 0 to 1, the same each time. */
export function startRandom(): () => number {
  let state = 1
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

const COMMON = [...STOP_WORDS]

/** A line of words with a long tail, punctuation and a few addresses. */
export function naturalLine(random: () => number): string {
  const words = Array.from({ length: 12 }, () => {
    const rank = Math.floor(50_000 ** random())
    const word = rank < 180 ? (COMMON[rank] ?? 'x') : `word${rank.toString(36)}`
    return rank % 9 === 0 ? `"${word},` : rank % 50 === 1 ? `http://${word}` : word
  })
  return `${words.join(' ')}.\n`
}
