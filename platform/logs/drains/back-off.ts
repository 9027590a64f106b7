/** How long to wait before the next attempt: 1 s, doubled each time, at most a minute, ± 25 %. */
export function backOffMs(attempt: number, random: () => number = Math.random): number {
  const delay = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt)
  return delay * (0.75 + random() / 2)
}

const FIRST_MS = 1000
const LONGEST_MS = 60_000
