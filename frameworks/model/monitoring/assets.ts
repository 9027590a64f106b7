import { readFile } from 'node:fs/promises'

/** Scripts of our pages by name: libraries from their packages, the rest from here. */
const FILES: Readonly<Record<string, () => URL>> = {
  'd3.js': () => new URL('../dist/d3.min.js', import.meta.resolve('d3')),
  'plot.js': () => new URL('../dist/plot.umd.min.js', import.meta.resolve('@observablehq/plot')),
  ...Object.fromEntries(
    ['monitoring', 'cards', 'format', 'pictures', 'tables', 'try-it'].map((name) => [
      `${name}.js`,
      () => new URL(`./assets/${name}.js`, import.meta.url),
    ]),
  ),
}

/** The text of a script; undefined for names that are none. */
export async function readAsset(name: string): Promise<string | undefined> {
  const url = Object.hasOwn(FILES, name) ? FILES[name] : undefined
  return url === undefined ? undefined : readFile(url(), 'utf8')
}
