/**
 * Lines that a test run reached, by file, from a report in lcov's format.
 *
 * @returns path as in the report → numbers of its covered lines
 * @see https://github.com/linux-test-project/lcov/blob/master/man/geninfo.1 "FILES"
 */
export function coveredLines(report: string): Map<string, Set<number>> {
  const files = new Map<string, Set<number>>()
  let lines = new Set<number>()
  for (const entry of report.split('\n')) {
    if (entry.startsWith('SF:')) {
      lines = new Set()
      files.set(entry.slice(3), lines)
    }
    const [, line, hits] = /^DA:(\d+),(\d+)/.exec(entry) ?? []
    if (line !== undefined && hits !== '0') lines.add(Number(line))
  }
  return files
}
