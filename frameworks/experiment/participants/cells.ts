/** One combination of condition and counterbalance level. */
export type Cell = Readonly<{ condition: number; counterbalance: number }>

/** How many counted participants a cell has. Cells that no longer exist may be among them. */
export type CellCount = Cell & Readonly<{ count: number }>

/** @param conditions number of keys in `conditions.json`, which replaces the two settings */
export function cellsOf(
  task: Readonly<{ num_conds: number; num_counters: number }>,
  conditions: number | undefined,
): Readonly<{ conditions: number; counters: number }> {
  return conditions === undefined
    ? { conditions: task.num_conds, counters: task.num_counters }
    : { conditions, counters: 1 }
}

/**
 * Gives each of `arrivals` newcomers a cell, one after the other: drawn evenly among the cells that
 * are least filled at that moment.
 *
 * @param random gives a whole number in [0, n)
 */
export function chooseCells(
  arrivals: number,
  counts: readonly CellCount[],
  cells: Readonly<{ conditions: number; counters: number }>,
  random: (n: number) => number,
): Cell[] {
  const filled = fillCells(counts, cells)
  const chosen: Cell[] = []
  let level = filled.reduce((least, count) => Math.min(least, count), Infinity)
  let open = cellsAt(level, filled)
  while (chosen.length < arrivals) {
    if (open.length === 0) open = cellsAt((level += 1), filled)
    if (open.length === 0) continue
    const index = takeOne(open, random)
    filled[index] = level + 1
    chosen.push({
      condition: Math.floor(index / cells.counters),
      counterbalance: index % cells.counters,
    })
  }
  return chosen
}

/** Counts with newcomers in them. */
export function withNewcomers(
  counts: readonly CellCount[],
  newcomers: readonly Cell[],
): CellCount[] {
  const byCell = new Map(counts.map((count) => [keyOf(count), { ...count }]))
  for (const { condition, counterbalance } of newcomers) {
    const cell = { condition, counterbalance }
    const known = byCell.get(keyOf(cell))
    if (known === undefined) byCell.set(keyOf(cell), { ...cell, count: 1 })
    else known.count += 1
  }
  return [...byCell.values()]
}

const keyOf = ({ condition, counterbalance }: Cell): string => `${condition},${counterbalance}`

function fillCells(
  counts: readonly CellCount[],
  { conditions, counters }: Readonly<{ conditions: number; counters: number }>,
): number[] {
  const filled = Array.from({ length: conditions * counters }, () => 0)
  for (const { condition, counterbalance, count } of counts) {
    const exists =
      condition >= 0 && condition < conditions && counterbalance >= 0 && counterbalance < counters
    if (exists) filled[condition * counters + counterbalance] = count
  }
  return filled
}

const cellsAt = (level: number, filled: readonly number[]): number[] =>
  filled.flatMap((count, index) => (count === level ? [index] : []))

/** Removes and returns a random element. */
function takeOne(items: number[], random: (n: number) => number): number {
  const at = random(items.length)
  const item = items[at] ?? 0
  items[at] = items.at(-1) ?? 0
  items.pop()
  return item
}
