/** What `npm test -- …` asks for. */
export type Request = Readonly<{
  /** Slow tests as well (`*.slow.ts`). */
  all: boolean
  /** Unit tests only (`*.test.ts`). */
  unit: boolean
  /** Install missing system programs first. */
  install: boolean
  /** Run again whenever a file changes. */
  watch: boolean
  /** Parts of paths; a test file runs if it contains one of them. Empty: all files. */
  patterns: readonly string[]
  /** Options for `node --test`, as given. */
  nodeOptions: readonly string[]
}>

/**
 * Splits the arguments of `npm test`: our own flags, parts of paths, and options of node's test
 * runner, which pass through unread.
 *
 * @example
 * readRequest(['--all', 'model', '--test-name-pattern', 'drift'])
 * // { all: true, patterns: ['model'], nodeOptions: ['--test-name-pattern=drift'], … }
 */
export function readRequest(args: readonly string[]): Request {
  const own = { all: false, unit: false, install: false, watch: false }
  const patterns: string[] = []
  const nodeOptions: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    const name = arg.slice(2)
    if (isOwn(own, name) && arg.startsWith('--')) own[name] = true
    else if (!arg.startsWith('-')) patterns.push(arg)
    else if (takesValue(arg) && args[at + 1] !== undefined) nodeOptions.push(`${arg}=${args[++at]}`)
    else nodeOptions.push(arg)
  }
  return { ...own, patterns, nodeOptions }
}

const isOwn = <T extends object>(own: T, name: string): name is Extract<keyof T, string> =>
  Object.hasOwn(own, name)

const takesValue = (option: string): boolean => WITH_VALUE.test(option)

/** Options of node whose value may stand as its own argument. */
const WITH_VALUE =
  /^--(import|require|conditions|env-file|test-(name-pattern|skip-pattern|reporter|reporter-destination|concurrency|timeout|shard|isolation|coverage-(branches|functions|lines|include|exclude)))$|^-[rC]$/
