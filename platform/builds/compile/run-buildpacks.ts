import { join } from 'node:path'
import { problem, type Home } from '../../store/index.ts'
import type { InstalledBuiltIn } from '../runtime/installed-buildpacks.ts'
import { readTenantText, tenantEntry, type Owner } from '../../sandbox/index.ts'
import type { Layout } from '../../slugs/index.ts'
import { usedLines } from '../summary.ts'
import { detectAny, detectWith } from './detect.ts'
import { fetchBuildpack } from './fetch-buildpack.ts'
import { captureProgram, runProgram, seen, seenRuntime, type BuildRun } from './programs.ts'
import { displayName, parseReference } from './reference.ts'
import { parseReleaseFile, type BuildpackDefaults } from './release-file.ts'
import { placeBuildpack, SEEN } from './workspace.ts'

export type BuildpackChoice = Readonly<{
  /** As the user named them, in order; null, or none = ask the built-in ones. */
  chosen: readonly (string | null)[]
  installed: readonly InstalledBuiltIn[]
  owner: Owner
  home: Pick<Home, 'runtime'>
  /** Makes the runtime of a framework; `bin/compile` of its buildpack gets the folder. */
  frameworkRuntime: (framework: string) => Promise<string>
  /** Prefers `bin/test-compile` to `bin/compile`. */
  isTest: boolean
}>

/** What the buildpacks have made of a tree. */
export type Compiled = Readonly<{
  buildpacks: readonly Readonly<{ name: string; url: string }>[]
  /** What the last one calls the app, e.g. `Node.js`. */
  title: string
  defaults: BuildpackDefaults
  layout: Layout
  /** What each one calls the app, and what it says that it used. */
  titles: readonly string[]
  used: readonly string[]
  /** `bin/test` of the last buildpack, as the build sees it; null if it has none. */
  tester: string | null
}>

/** One buildpack, ready to run. */
type Ready = Readonly<{
  name: string
  url: string
  title: string
  folder: string
  placed: string
  installed: InstalledBuiltIn | undefined
}>

/**
 * Runs the buildpacks of an app, one after the other, each with what the ones before exported.
 *
 * @throws Problem `build_rejected` with what to do
 */
export async function runBuildpacks(run: BuildRun, choice: BuildpackChoice): Promise<Compiled> {
  const builtIns = choice.installed.map((one) => one.builtIn)
  // All names first: a wrong one is found before anything is compiled.
  for (const one of choice.chosen) if (one !== null) parseReference(one, builtIns)
  announce(run, choice.chosen)
  const done: Ready[] = []
  const addons: string[] = []
  let processTypes: Readonly<Record<string, string>> = {}
  for (const [index, reference] of (choice.chosen.length > 0 ? choice.chosen : [null]).entries()) {
    const pack =
      reference === null
        ? await readyDetected(run, choice, index)
        : await readyChosen(run, choice, reference, index)
    run.text.topic(`${pack.title} app detected`)
    await compile(run, pack, done, choice)
    done.push(pack)
    const defaults = await defaultsOf(run, pack)
    processTypes = defaults.processTypes
    addons.push(...defaults.addons)
  }
  return {
    titles: done.map((pack) => pack.title),
    used: (await Promise.all(done.map(usedBy))).flat(),
    buildpacks: done.map(({ name, url }) => ({ name, url })),
    title: done.at(-1)?.title ?? '',
    defaults: { processTypes, addons },
    layout: layoutOf(done),
    tester: await programOf(done.at(-1), 'test'),
  }
}

function announce({ text }: BuildRun, chosen: readonly (string | null)[]): void {
  const nameOf = (one: string | null | undefined): string =>
    typeof one === 'string' ? displayName(one) : 'the one that knows the app'
  if (chosen.length === 0) text.topic('Determining which buildpack to use for this app')
  else if (chosen.length === 1) text.topic(`Using buildpack: ${nameOf(chosen[0])}`)
  else {
    text.topic('Using buildpacks:')
    chosen.forEach((one, i) => text.detail(`${i + 1}. ${nameOf(one)}`))
  }
}

async function readyDetected(
  run: BuildRun,
  choice: BuildpackChoice,
  index: number,
): Promise<Ready> {
  const { buildpack, title } = await detectAny(run, choice.installed, choice.home)
  const { name } = buildpack.builtIn
  return { ...(await place(run, choice, buildpack, String(index))), name, url: name, title }
}

async function readyChosen(
  run: BuildRun,
  choice: BuildpackChoice,
  text: string,
  index: number,
): Promise<Ready> {
  const builtIns = choice.installed.map((one) => one.builtIn)
  const reference = parseReference(text, builtIns)
  const name = displayName(text)
  const installed =
    reference.kind === 'built-in'
      ? choice.installed.find((one) => one.builtIn === reference.builtIn)
      : undefined
  const placed =
    installed === undefined
      ? await fetchBuildpack(run, reference, String(index))
      : await place(run, choice, installed, String(index))
  const title = await detectWith(run, placed.folder, name)
  return { ...placed, installed, name, url: text, title }
}

async function place(
  run: BuildRun,
  { owner }: BuildpackChoice,
  installed: InstalledBuiltIn,
  index: string,
) {
  await placeBuildpack(run.workspace, installed.folder, index, owner)
  const folder = seen(run, `${SEEN.packs}/${index}`)
  return { folder, placed: join(run.workspace.root, 'packs', index), installed }
}

async function compile(
  run: BuildRun,
  pack: Ready,
  before: readonly Ready[],
  choice: BuildpackChoice,
): Promise<void> {
  const framework = pack.installed?.builtIn.framework ?? null
  const exports = await exportsOf(before)
  const folders = [SEEN.tree, SEEN.cache, SEEN.env].map((path) => seen(run, path))
  const output = run.text.program()
  const code = await runProgram(run, {
    title: `bin/compile of ${pack.title}`,
    // Buildpacks name files of their own without a folder, as on Heroku.
    cwd: pack.folder,
    command: [
      'bash',
      '-c',
      SOURCE,
      'bash',
      ...exports,
      '--',
      (choice.isTest ? await programOf(pack, 'test-compile') : null) ??
        `${pack.folder}/bin/compile`,
      ...folders,
    ],
    ...(framework === null
      ? {}
      : {
          env: {
            HOKKU_FRAMEWORK_DIR: await frameworkFolder(run, choice, framework),
            HOKKU_FRAMEWORK_LINKS: '1',
            ...(await usedPacks(run, choice, pack)),
          },
        }),
    onOutput: output.write,
  })
  output.end()
  if (code !== 0)
    throw problem('build_rejected', `Push rejected, failed to compile ${pack.title} app.`)
}

/** Where `bin/compile` finds the buildpacks that it runs itself, e.g. `HOKKU_PYTHON_BUILDPACK`. */
async function usedPacks(
  run: BuildRun,
  choice: BuildpackChoice,
  { installed }: Ready,
): Promise<Record<string, string>> {
  const found: [string, string][] = []
  for (const name of installed?.builtIn.uses ?? []) {
    const used = choice.installed.find((one) => one.builtIn.name === name)
    if (used === undefined) throw new Error(`there is no buildpack ${name}`)
    const short = name.split('/').at(-1) ?? name
    const { folder } = await place(run, choice, used, short)
    found.push([`HOKKU_${short.toUpperCase()}_BUILDPACK`, folder])
  }
  return Object.fromEntries(found)
}

async function frameworkFolder(
  run: BuildRun,
  { home, frameworkRuntime }: BuildpackChoice,
  framework: string,
): Promise<string> {
  return seenRuntime(run, home, await frameworkRuntime(framework))
}

/** Reads the files named before `--`, then becomes the program after it. */
const SOURCE = 'while [ "$1" != -- ]; do . "$1"; shift; done; shift; exec "$@"'

async function exportsOf(before: readonly Ready[]): Promise<string[]> {
  const found = await Promise.all(
    before.map(async ({ placed, folder }) =>
      (await has(placed, 'export')) ? [`${folder}/export`] : [],
    ),
  )
  return found.flat()
}

const usedBy = async ({ placed }: Ready): Promise<string[]> =>
  usedLines(await readTenantText(placed, 'summary', SUMMARY_BYTES_MAX).catch(() => null))

const SUMMARY_BYTES_MAX = 4096

async function defaultsOf(run: BuildRun, pack: Ready): Promise<BuildpackDefaults> {
  const program = await programOf(pack, 'release')
  if (program === null) return { processTypes: {}, addons: [] }
  const { code, output } = await captureProgram(run, {
    title: `bin/release of ${pack.title}`,
    command: [program, seen(run, SEEN.tree)],
  })
  if (code !== 0) throw problem('build_rejected', `bin/release of ${pack.name} ended with ${code}.`)
  return parseReleaseFile(output, pack.name)
}

/** Where the build sees a program that not every buildpack has; null for one that lacks it. */
async function programOf(
  pack: Pick<Ready, 'placed' | 'folder'> | undefined,
  name: string,
): Promise<string | null> {
  if (pack === undefined) return null
  return (await has(pack.placed, `bin/${name}`)) ? `${pack.folder}/bin/${name}` : null
}

/** A link counts: the sandbox follows it as the app's user, the platform does not. */
async function has(placed: string, path: string): Promise<boolean> {
  const kind = await tenantEntry(placed, path)
  return kind === 'file' || kind === 'link'
}

/** Built-in buildpacks know their layers; with a third-party one among them all is one layer. */
function layoutOf(done: readonly Ready[]): Layout {
  const layouts = done.flatMap((pack) => pack.installed?.builtIn.layout ?? [])
  const known = layouts.length === done.length ? layouts : []
  const all = (kind: keyof Layout): string[] => [...new Set(known.flatMap((one) => one[kind]))]
  return { runtime: all('runtime'), framework: all('framework'), dependencies: all('dependencies') }
}
