import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import type { Layout } from '../../slugs/index.ts'

/** `buildpack.json` of a buildpack that comes with hokku. */
const Description = z.strictObject({
  name: z.string().min(1),
  /** Names and URLs that mean this buildpack when users type them. */
  aliases: z.array(z.string()),
  /** Place in the order in which buildpacks are asked when an app has chosen none. */
  order: z.number(),
  /** npm packages that its programs import. */
  packages: z.array(z.string()).default([]),
  /** Names of buildpacks here that its `bin/compile` runs itself. */
  uses: z.array(z.string()).default([]),
  /** Parts of the built tree that have their own layers. */
  layers: z
    .strictObject({
      runtime: z.array(z.string()).default([]),
      dependencies: z.array(z.string()).default([]),
    })
    .default({ runtime: [], dependencies: [] }),
})

export type BuiltIn = Readonly<{
  name: string
  aliases: readonly string[]
  order: number
  packages: readonly string[]
  uses: readonly string[]
  layout: Layout
  /** Folder with `bin/`. */
  folder: string
  /** The framework whose runtime `bin/compile` gets, e.g. `model`. */
  framework: string | null
}>

/**
 * The buildpacks that come with hokku, in detection order: our own, and the one that each
 * framework brings in `frameworks/<name>/buildpack/`.
 *
 * @param root folder of this repository
 */
export function builtIns(root: string): BuiltIn[] {
  const files = globSync(
    ['platform/builds/buildpacks/*/buildpack.json', 'frameworks/*/buildpack/buildpack.json'],
    { cwd: root },
  )
  return files.map((file) => describe(join(root, file))).toSorted((a, b) => a.order - b.order)
}

function describe(file: string): BuiltIn {
  const { layers, ...description } = Description.parse(JSON.parse(readFileSync(file, 'utf8')))
  const folder = dirname(file)
  const framework = basename(folder) === 'buildpack' ? basename(dirname(folder)) : null
  const layout = { ...layers, framework: framework === null ? [] : frameworkParts(framework) }
  return { ...description, layout, folder, framework }
}

/** What `bin/compile` of a framework puts below `.hokku`: copies, or links to its runtime. */
const frameworkParts = (framework: string): string[] =>
  ['node', framework, 'kit', 'postgres', 'node_modules'].map((name) => `.hokku/${name}`)
