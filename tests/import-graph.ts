import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize, sep } from 'node:path'

/** File → files it imports, as paths below the repository. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/**
 * What each source file imports: types, values, re-exports, `import()` and `typeof import()` alike.
 * Tests and what only they use are left out: they may look at anything. So is code that users copy.
 *
 * @param root folder of the repository
 */
export function readImports(root: string): ImportGraph {
  const files = globSync('{kit,postgres,platform,frameworks,examples}/**/*.{ts,js}', {
    cwd: root,
    exclude: (path) =>
      /node_modules|fixtures|wordcloud-tutorial|templates\/skeleton|experiment\/example\//.test(
        path,
      ),
  }).filter((path) => !/\.(test|system|slow)\.ts$|(^|\/)(testing|test-[\w-]+)\.ts$/.test(path))
  const known = new Set(files)
  return new Map(
    files.toSorted().map((file) => {
      const targets = specifiersOf(readFileSync(join(root, file), 'utf8'))
        .flatMap((one) => resolve(root, file, one) ?? [])
        .filter((one) => known.has(one))
      return [file, [...new Set(targets)]]
    }),
  )
}

/** The module names in a source text. Comments are left out: they hold examples. */
export function specifiersOf(text: string): string[] {
  const code = text.replaceAll(/^\s*(?:\/\*\*?|\*|\/\/).*$/gm, '')
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*'([^'\n]+)'/g)].map((match) => match[1] ?? '')
}

/** The path that a module name leads to; undefined for packages that are not ours. */
function resolve(root: string, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier))
  const [, workspace, rest] = /^@hokku\/(\w+)(?:\/(.+))?$/.exec(specifier) ?? []
  if (workspace === undefined) return undefined
  const folder = existsSync(join(root, 'frameworks', workspace))
    ? join('frameworks', workspace)
    : workspace
  const names = rest === undefined ? ['index.ts'] : [`${rest}.ts`, join(rest, 'index.ts')]
  return names.map((name) => join(folder, name)).find((path) => existsSync(join(root, path)))
}

/**
 * The package of a file: the first folder inside its workspace (`frameworks/engine/events`). A file
 * that is directly in a workspace is a package alone (`frameworks/engine/log`).
 */
export function roomOf(path: string): string {
  const parts = path.split(sep)
  const depth = parts[0] === 'frameworks' || parts[0] === 'examples' ? 3 : 2
  const room = parts.slice(0, depth)
  const last = room.pop() ?? ''
  return [...room, basename(last, '.ts')].join('/')
}

/** Package → packages it imports, itself left out. */
export function roomGraph(files: ImportGraph): Map<string, Set<string>> {
  const rooms = new Map<string, Set<string>>()
  for (const [file, targets] of files) {
    const from = roomOf(file)
    const to = rooms.get(from) ?? new Set()
    rooms.set(from, to)
    for (const target of targets) if (roomOf(target) !== from) to.add(roomOf(target))
  }
  return rooms
}

/** Groups of nodes that reach each other (Tarjan's strongly connected components), of two or more. */
export function cyclesOf(graph: ReadonlyMap<string, Iterable<string>>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const groups: string[][] = []
  const visit = (node: string): void => {
    const own = index.size
    index.set(node, own)
    low.set(node, own)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0))
    }
    if (low.get(node) !== own) return
    const group = stack.splice(stack.indexOf(node))
    if (group.length > 1) groups.push(group.toSorted())
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return groups
}
