import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { keepTestServer, stopTestServer } from '../postgres/testing.ts'
import { codeLines } from './coverage/code-lines.ts'
import { coveredLines } from './coverage/lcov.ts'
import { byRoom, roomOf, type FileCoverage, type RoomCoverage } from './coverage/room-coverage.ts'
import { findTestFiles, matching, ROOT } from './runner/test-files.ts'

/** Names of all tests and the table of all files: far less than this. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

/**
 * `npm run coverage [-- --system] [part of a path …]`: runs the unit tests and prints, for each room,
 * the share of lines of code that they reach; files that no test loads count. With parts of paths,
 * only those tests run, and the files of their rooms are listed one by one. `--system` runs the
 * system tests as well, and counts what their child processes reach.
 *
 * @returns the exit code
 */
function main(args: readonly string[]): number {
  const { values, positionals: patterns } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { system: { type: 'boolean', default: false } },
  })
  const files = findTestFiles()
  const chosen = matching(values.system ? [...files.test, ...files.system] : files.test, patterns)
  if (chosen.length === 0) {
    console.error(`No test matches ${patterns.join(' ')}.`)
    return 2
  }
  const { status, report } = runCovered(chosen, values.system ? 'process' : 'none')
  const rooms = new Set(chosen.map(roomOf))
  const paths = globSync('{kit,postgres,platform,frameworks}/**/*.ts', {
    cwd: ROOT,
    exclude: (path) => /node_modules|fixtures|skeleton/.test(path),
  }).filter((path) => patterns.length === 0 || rooms.has(roomOf(path)))
  const coverageOf = measure(coveredLines(report))
  const sources = paths.filter((path) => !isTest(path)).map(coverageOf)
  if (patterns.length > 0) printFiles(sources)
  printRooms(byRoom(sources, paths.filter(isTest).map(coverageOf)))
  return status
}

const isTest = (path: string): boolean =>
  /(\.(test|system|slow)|testing|test-engine)\.ts$|\/conformance\//.test(path)

const measure =
  (reached: ReadonlyMap<string, ReadonlySet<number>>) =>
  (path: string): FileCoverage => {
    const lines = codeLines(readFileSync(join(ROOT, path), 'utf8'))
    return { path, lines: lines.size, covered: lines.intersection(reached.get(path) ?? NONE).size }
  }

const NONE: ReadonlySet<number> = new Set()

/** Runs tests; prints node's closing lines, or all output if one failed. */
function runCovered(
  files: readonly string[],
  isolation: 'none' | 'process',
): { status: number; report: string } {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-coverage-'))
  const reportFile = join(folder, 'lcov.info')
  keepTestServer()
  const run = spawnSync(
    process.execPath,
    [
      '--test',
      `--test-isolation=${isolation}`,
      '--test-concurrency=2',
      '--experimental-test-coverage',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=lcov',
      `--test-reporter-destination=${reportFile}`,
      ...files,
    ],
    { cwd: ROOT, encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX },
  )
  stopTestServer()
  console.log(run.status === 0 ? summaryOf(run.stdout) : `${run.stdout}${run.stderr}`)
  const report = readFileSync(reportFile, 'utf8')
  rmSync(folder, { recursive: true })
  return { status: run.status === 0 ? 0 : 1, report }
}

/** Node's closing lines without its own table, which leaves out files that no test loads. */
function summaryOf(output: string): string {
  const lines = stripVTControlCharacters(output).split('\n')
  return lines.filter((line) => /^ℹ (tests|pass|fail|skipped|duration_ms) \d/.test(line)).join('\n')
}

function printFiles(files: readonly FileCoverage[]): void {
  for (const { path, lines, covered } of files.filter(({ lines }) => lines > 0)) {
    console.log(`${percent(covered, lines)} ${String(lines).padStart(5)}  ${path}`)
  }
}

function printRooms(all: readonly RoomCoverage[]): void {
  const width = Math.max(...all.map(({ room }) => room.length))
  console.log(`\n${'room'.padEnd(width)}  covered  lines  files  unloaded  test lines per line`)
  for (const { room, files, unloaded, lines, covered, testLines } of all) {
    const counts = [percent(covered, lines).padStart(7), pad(lines, 5), pad(files, 5)]
    const ratio = (testLines / lines).toFixed(2)
    console.log(`${room.padEnd(width)}  ${counts.join('  ')}  ${pad(unloaded, 8)}  ${ratio}`)
  }
}

const pad = (count: number, width: number): string => String(count).padStart(width)

const percent = (part: number, whole: number): string =>
  `${Math.floor((100 * part) / whole)} %`.padStart(5)

process.exitCode = main(process.argv.slice(2))
