import { access, cp, readFile, writeFile } from 'node:fs/promises'
import { misuse } from '@hokku/kit/command-line'
import { basename, join, resolve } from 'node:path'
import { pioCommand } from './command.ts'

export const command = pioCommand({
  summary: 'Creates a folder with a small engine in TypeScript, to start from.',
  arguments: {
    name: { type: 'string', description: 'Name of the folder and of the engine.' },
  },
  run: async (call, { cwd, log }) => {
    const directory = resolve(cwd, call.arguments.name)
    const name = basename(directory)
    if (!/^[\w.-]+$/.test(name)) {
      throw misuse(`'${name}' is not a valid engine name: use a-z, 0-9, - and _.`)
    }
    const exists = await access(directory).then(
      () => true,
      () => false,
    )
    if (exists) throw misuse(`${directory} already exists.`)
    await cp(SKELETON, directory, { recursive: true })
    const variant = join(directory, 'engine.json')
    const text = await readFile(variant, 'utf8')
    await writeFile(variant, text.replaceAll('NAME', name))
    log.info('Template$', `Created an engine in ${directory}. Next:`)
    log.info('Template$', `    cd ${call.arguments.name}`)
    log.info('Template$', `    pio app new ${name}`)
    log.info('Template$', '    pio import --appid <id> --input data/initial-events.json')
    log.info('Template$', '    pio build && pio train && pio deploy')
    return 0
  },
})

const SKELETON = join(import.meta.dirname, '../templates/skeleton')
