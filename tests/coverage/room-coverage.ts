/** One file of the repository: how many lines of code, how many of them tests reached. */
export type FileCoverage = Readonly<{ path: string; lines: number; covered: number }>

export type RoomCoverage = Readonly<{
  room: string
  files: number
  /** Files with code that no test loads. */
  unloaded: number
  /** Lines of code, without comments, types and blank lines. */
  lines: number
  covered: number
  /** Lines of code in test files. */
  testLines: number
}>

/** The folder that a file belongs to: `platform/logs`, `frameworks/model`, `kit`. */
export function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/')
  return top === 'platform' || top === 'frameworks' ? `${top}/${second}` : top
}

/** Sums of files by room, in the order of their names. Files without code do not count. */
export function byRoom(
  sources: readonly FileCoverage[],
  tests: readonly Pick<FileCoverage, 'path' | 'lines'>[],
): RoomCoverage[] {
  const code = sources.filter(({ lines }) => lines > 0)
  const rooms = [...new Set(code.map(({ path }) => roomOf(path)))].toSorted()
  return rooms.map((room) => {
    const own = code.filter(({ path }) => roomOf(path) === room)
    return {
      room,
      files: own.length,
      unloaded: own.filter(({ covered }) => covered === 0).length,
      lines: sum(own.map(({ lines }) => lines)),
      covered: sum(own.map(({ covered }) => covered)),
      testLines: sum(tests.filter(({ path }) => roomOf(path) === room).map(({ lines }) => lines)),
    }
  })
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
