/** One tool of `npm run check`, as the command line that runs it. */
export type Step = Readonly<{ name: string; command: readonly string[] }>

/** What no linter knows. */
const HOUSE_RULES = [
  'tests/tidy.test.ts',
  'tests/rooms.test.ts',
  'tests/tenant-trees.test.ts',
  'tests/plain-english.test.ts',
]

/** Everything; the longest first, so that two side by side end together. */
export const WHOLE: readonly Step[] = [
  { name: 'lint', command: ['oxlint', '.'] },
  { name: 'types', command: ['tsc'] },
  { name: 'dead code', command: ['knip', '--no-config-hints'] },
  { name: 'types of browser code', command: ['tsc', '-p', 'tsconfig.browser.json'] },
  { name: 'types of the tutorial', command: ['tsc', '-p', 'examples/wordcloud-tutorial'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'house rules', command: ['node', '--test', ...HOUSE_RULES] },
]

/**
 * What can be said about some files alone: their format, their lint, and the types of all, since a
 * change may break its callers. What an earlier check found out about types is kept.
 *
 * @param files paths of files that exist
 * @param cacheFolder where `tsc` keeps what it knows
 */
export const forFiles = (files: readonly string[], cacheFolder: string): Step[] => {
  const code = files.filter((file) => /\.[cm]?[jt]s$/.test(file))
  const types = ['tsc', '--incremental', '--tsBuildInfoFile', `${cacheFolder}/types.tsbuildinfo`]
  const steps: Step[] = [{ name: 'types', command: types }]
  if (code.length > 0) {
    steps.push({ name: 'lint', command: ['oxlint', '--no-error-on-unmatched-pattern', ...code] })
  }
  if (code.some((file) => file.endsWith('.js'))) {
    steps.push({
      name: 'types of browser code',
      command: ['tsc', '-p', 'tsconfig.browser.json'],
    })
  }
  if (files.length > 0) {
    steps.push({
      name: 'format',
      command: ['oxfmt', '--check', '--no-error-on-unmatched-pattern', ...files],
    })
  }
  steps.push({ name: 'house rules', command: ['node', '--test', ...HOUSE_RULES] })
  return steps
}
