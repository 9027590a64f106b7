import type { Layer } from '../slugs/index.ts'
import { megabytes } from './disk.ts'

/** What a build found out and how long its steps took, for the end of the push. */
export type Summary = Readonly<{
  /** What each buildpack called the app, e.g. `Node.js`. */
  titles: readonly string[]
  /** What buildpacks say that they used, e.g. `Python 3.12.1 (.python-version)`. */
  used: readonly string[]
  hasCache: boolean
  layers: readonly Layer[]
  /** Milliseconds. */
  source: number
  compile: number
  pack: number
}>

/** The summary as a table of two columns. */
export function summaryLines(summary: Summary): string[] {
  const rows: (readonly [string, string])[] = [
    ['Detected', summary.titles.join(', ')],
    ...summary.used.map((used) => ['Uses', used] as const),
    ['Source', seconds(summary.source)],
    [
      'Build',
      `${seconds(summary.compile)}, ${summary.hasCache ? 'with the cache of the last build' : 'no cache yet'}`,
    ],
    ['Slug', `${seconds(summary.pack)}, ${sizes(summary.layers)}`],
  ]
  return rows.map(([name, text]) => `${name.padEnd(10)}${text}`)
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** `runtime 43.1M, app 0.1M`: layers of one kind together, empty ones left out. */
function sizes(layers: readonly Layer[]): string {
  const kinds = [...new Set(layers.map((layer) => layer.kind))]
  const bytes = (kind: string): number =>
    layers.filter((layer) => layer.kind === kind).reduce((sum, layer) => sum + layer.bytes, 0)
  return kinds.map((kind) => `${kind} ${megabytes(bytes(kind))}`).join(', ')
}

/** Lines that a buildpack left in its file `summary`, fit for a terminal. */
export function usedLines(text: string | null): string[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.replaceAll(/[^\x20-\x7e]/g, '').slice(0, LINE_LENGTH_MAX))
    .filter((line) => line !== '')
    .slice(0, LINES_MAX)
}

const LINE_LENGTH_MAX = 100
const LINES_MAX = 8
