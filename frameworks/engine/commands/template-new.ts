import { access, cp, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { misuse } from '@hokku/kit/command-line'
import { writeDurably } from '@hokku/kit/disk'
import { engineFromScala } from '../scala/engine-from-scala.ts'
import { judgeSources } from '../scala/judge-sources.ts'
import { readSources } from '../scala/read-sources.ts'
import { type Context, pioCommand } from './command.ts'
import { optionsOf } from './options.ts'

export const command = pioCommand({
  summary: 'Creates a folder with a small engine in TypeScript, to start from.',
  details:
    'With --from, writes an engine.ts into a folder with an engine in Scala instead: the changed ' +
    'Scala stands in it as comments.',
  examples: ['pio template new my-engine', 'pio template new --from .'],
  arguments: {
    name: {
      type: 'string',
      description: 'Name of the folder and of the engine.',
      isOptional: true,
      defaultText: 'none, with --from',
    },
  },
  options: optionsOf('from'),
  run: async (call, context) => {
    const { from } = call.options
    const { name } = call.arguments
    if (from !== undefined) {
      if (name !== undefined) throw misuse('--from takes the folder that is there, not a new name.')
      return await writeEngine(resolve(context.cwd, from), context)
    }
    if (name === undefined) throw misuse('Missing argument <name>')
    return await createFolder(name, context)
  },
})

async function createFolder(given: string, { cwd, log }: Context): Promise<number> {
  const directory = resolve(cwd, given)
  const name = basename(directory)
  if (!/^[\w.-]+$/.test(name)) {
    throw misuse(`'${name}' is not a valid engine name: use a-z, 0-9, - and _.`)
  }
  if (await exists(directory)) throw misuse(`${directory} already exists.`)
  await cp(SKELETON, directory, { recursive: true })
  const variant = join(directory, 'engine.json')
  const text = await readFile(variant, 'utf8')
  await writeDurably(variant, text.replaceAll('NAME', name))
  log.info('Template$', `Created an engine in ${directory}. Next:`)
  log.info('Template$', `    cd ${given}`)
  log.info('Template$', `    pio app new ${name}`)
  log.info('Template$', '    pio import --appid <id> --input data/initial-events.json')
  log.info('Template$', '    pio build && pio train && pio deploy')
  return 0
}

/** Leaves all files that are there as they are. */
async function writeEngine(directory: string, { log }: Context): Promise<number> {
  const file = join(directory, 'engine.ts')
  if (!(await exists(directory))) throw misuse(`${directory} does not exist.`)
  if (await exists(file)) throw misuse(`${file} already exists.`)
  const { unknown } = judgeSources(await readSources(directory))
  const changed = await Promise.all(
    unknown.map(async (path) => ({ path, text: await readFile(join(directory, path), 'utf8') })),
  )
  const skeleton = await readFile(join(SKELETON, 'engine.ts'), 'utf8')
  await writeDurably(file, engineFromScala(skeleton, changed))
  log.info('Template$', `Created ${file}, with the Scala of ${unknown.length} files as comments.`)
  log.info('Template$', 'pio uses it instead of the template from now on.')
  return 0
}

const exists = async (path: string): Promise<boolean> =>
  await access(path).then(
    () => true,
    () => false,
  )

const SKELETON = join(import.meta.dirname, '../templates/skeleton')
