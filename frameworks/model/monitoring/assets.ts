import { readFile } from 'node:fs/promises'

/** Scripts of our pages by name: libraries from their packages, the rest from here. */
const FILES: Readonly<Record<string, () => URL>> = {
  'd3.js': () => new URL('../dist/d3.min.js', import.meta.resolve('d3')),
  'plot.js': () => new URL('../dist/plot.umd.min.js', import.meta.resolve('@observablehq/plot')),
  'monitoring.js': () => new URL('./assets/monitoring.js', import.meta.url),
  'pictures.js': () => new URL('./assets/pictures.js', import.meta.url),
  'tables.js': () => new URL('./assets/tables.js', import.meta.url),
  'cards.js': () => new URL('./assets/cards.js', import.meta.url),
  'format.js': () => new URL('./assets/format.js', import.meta.url),
  'try-it.js': () => new URL('./assets/try-it.js', import.meta.url),
}

/** The text of a script; undefined for names that are none. */
export async function readAsset(name: string): Promise<string | undefined> {
  const url = Object.hasOwn(FILES, name) ? FILES[name] : undefined
  return url === undefined ? undefined : readFile(url(), 'utf8')
}
