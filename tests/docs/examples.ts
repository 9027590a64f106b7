import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** A value that a package exports, and the example in its docstring; undefined: there is none. */
export type Documented = Readonly<{ package: string; name: string; example: string | undefined }>

export const PACKAGES = ['engine', 'experiment', 'model'] as const

/** What `@hokku/<name>` exports besides types and namespaces, with its examples. */
export function documented(name: (typeof PACKAGES)[number]): Documented[] {
  const index = join(ROOT, 'frameworks', name, 'index.ts')
  return reexports(readFileSync(index, 'utf8')).map((entry) => ({
    package: `@hokku/${name}`,
    name: entry.name,
    example: exampleOf(readFileSync(join(dirname(index), entry.file), 'utf8'), entry.name),
  }))
}

/** A module of its own: names that the package exports are imported where the example uses them. */
export function moduleOf({ package: from, example = '' }: Documented, exported: string[]): string {
  const used = exported.filter((name) => new RegExp(`\\b${name}\\b`).test(example))
  return `import { ${used.join(', ')} } from '${from}'\n${example}\nexport {}\n`
}

/** `export { a, type B } from './c.ts'` → a; types need no example. */
export function reexports(text: string): { name: string; file: string }[] {
  return [...text.matchAll(/^export \{([^}]+)\} from '([^']+)'/gm)].flatMap(
    ([, names = '', file = '']) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && !name.startsWith('type '))
        .map((name) => ({ name, file })),
  )
}

/** The text behind `@example` in the docstring right before a declaration. */
export function exampleOf(text: string, name: string): string | undefined {
  const at = text.search(new RegExp(`^export (?:async )?(?:const|function|class) ${name}\\b`, 'm'))
  const before = text.slice(0, at).trimEnd()
  if (at === -1 || !before.endsWith('*/')) return undefined
  const [, example] = before.slice(before.lastIndexOf('/**'), -2).split('@example')
  return example
    ?.split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim()
}
