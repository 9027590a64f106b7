import { lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkNames, unusedParams } from '../dase/check-params.ts'
import { bindEngine } from '../dase/params.ts'
import { engineOf } from '../dase/resolve-engine.ts'
import { unsetVariable } from '../dase/variant.ts'
import { type Context, pioCommand } from './command.ts'
import { noticeIgnored } from './ignored-options.ts'
import { optionsOf } from './options.ts'
import { VERSION } from '../version.ts'
import { checkTemplate, type Project, readProject } from './project.ts'

export const command = pioCommand({
  worksWithEngine: true,
  summary: 'Checks that the engine of this folder can be trained.',
  details: 'Also links the types of @hokku/engine into node_modules, for your editor.',
  options: optionsOf('sbt-extra', 'clean', 'no-asm', 'uber-jar', 'generate-pio-sbt'),
  run: async (call, context) => {
    noticeIgnored(call, context, ['verbose'])
    const project = await readProject(call, context)
    await checkTemplate(project.directory, context)
    const say = (line: string): void => context.log.info('Engine$', line)
    say(`Engine ${project.variant.engineFactory} is ${project.module.name}.`)
    if (call.options.verbose) describe(project, say)
    checkParams(project, context)
    if (project.module.name.startsWith(project.directory)) await linkPackage(project.directory)
    say('Your engine is ready for training.')
    return 0
  },
})

/** What `--verbose` adds: all that will be trained, with which parameters. */
function describe({ directory, variantPath, variant, module }: Project, say: Say): void {
  const { dataSource, preparator, algorithms, serving } = variant.params
  say(`PredictionIO ${VERSION} on Node.js ${process.versions.node}, in ${directory}`)
  say(`Variant '${variant.id}' of ${variantPath}`)
  const parts = { datasource: [dataSource], preparator: [preparator], algorithm: algorithms }
  for (const [what, list] of Object.entries({ ...parts, serving: [serving] })) {
    for (const { name, params } of list) say(`    ${what} '${name}' ${JSON.stringify(params)}`)
  }
  say(`Evaluations: ${Object.keys(module.evaluations).join(', ') || 'none'}`)
  say(`Lists of engine params: ${Object.keys(module.paramsLists).join(', ') || 'none'}`)
}

type Say = (line: string) => void

/**
 * What training would refuse, refused now; what it would not use, named.
 *
 * @throws Problem `params_invalid`
 */
function checkParams({ module, variant }: Project, { log }: Context): void {
  const engine = engineOf(module, variant.engineFactory)
  for (const unused of unusedParams(engine, variant.params)) log.warn('Engine$', unused)
  // A build knows no config vars: what is written $PIO_… is checked by the training.
  if (unsetVariable(variant.params) === undefined) bindEngine(engine, variant.params)
  else checkNames(engine, variant.params)
}

/** Lets editors find the types of `@hokku/engine`; running the engine does not need it. */
async function linkPackage(directory: string): Promise<void> {
  const scope = join(directory, 'node_modules', '@hokku')
  const link = join(scope, 'engine')
  const exists = await lstat(link).then(
    () => true,
    () => false,
  )
  if (!exists) {
    await mkdir(scope, { recursive: true })
    await symlink(join(import.meta.dirname, '..'), link)
  }
  const ignore = join(directory, '.gitignore')
  const text = await readFile(ignore, 'utf8').catch(() => '')
  if (!/^\/?node_modules\/?$/m.test(text)) {
    await writeFile(
      ignore,
      `${text === '' || text.endsWith('\n') ? text : `${text}\n`}node_modules/\n`,
    )
  }
}
