import { globSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** `test`: a unit test, one process for all; `system`: ports, children, databases; `slow`: long. */
export type Kind = 'test' | 'system' | 'slow'

export type TestFiles = Readonly<Record<Kind, readonly string[]>>

/** All test files of the repository, as paths from its root. */
export const findTestFiles = (): TestFiles => ({
  test: find('test'),
  system: find('system'),
  slow: find('slow'),
})

/** The files whose path contains one of the patterns; all of them without patterns. */
export const matching = (files: readonly string[], patterns: readonly string[]): string[] =>
  files.filter((file) => patterns.length === 0 || patterns.some((part) => file.includes(part)))

/**
 * Why a pattern selects nothing, one sentence each.
 *
 * @param chosen the kinds that would run
 */
export function unmatched(
  files: TestFiles,
  chosen: readonly Kind[],
  patterns: readonly string[],
): string[] {
  return patterns
    .filter((part) => chosen.every((kind) => matching(files[kind], [part]).length === 0))
    .map((part) => {
      const elsewhere = KINDS.find((kind) => matching(files[kind], [part]).length > 0)
      const reason =
        elsewhere === undefined
          ? 'Give a part of the path of a file *.test.ts, *.system.ts or *.slow.ts.'
          : elsewhere === 'slow'
            ? `Only slow tests match: add --all.`
            : `Only *.${elsewhere}.ts files match: leave out --unit.`
      return `No test file matches "${part}". ${reason}`
    })
}

const KINDS: readonly Kind[] = ['test', 'system', 'slow']

const find = (kind: Kind): string[] =>
  globSync(`**/*.${kind}.ts`, {
    cwd: ROOT,
    exclude: (path) => path.includes('node_modules'),
  }).toSorted()
