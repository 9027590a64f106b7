import { access, cp, readFile, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { problem } from '../problems.ts'
import type { Command } from './command.ts'

export const command: Command = {
  usage: '<name>',
  summary: 'Writes a small engine of your own, in TypeScript, to a new folder.',
  options: [],
  arguments: ['<name>'],
  run: async (call, { cwd, log }) => {
    const directory = resolve(cwd, call.arguments[0] ?? '')
    const name = basename(directory)
    if (!/^[\w.-]+$/.test(name)) {
      throw problem('command_invalid', `'${name}' is no name for an engine: use a-z, 0-9, -, _.`)
    }
    const exists = await access(directory).then(
      () => true,
      () => false,
    )
    if (exists) throw problem('command_invalid', `${directory} exists already.`)
    await cp(SKELETON, directory, { recursive: true })
    const variant = join(directory, 'engine.json')
    const text = await readFile(variant, 'utf8')
    await writeFile(variant, text.replaceAll('NAME', name))
    log.info('Template$', `Created an engine in ${directory}. Next:`)
    log.info('Template$', `    cd ${call.arguments[0]}`)
    log.info('Template$', `    pio app new ${name}`)
    log.info('Template$', '    pio import --appid <id> --input data/initial-events.json')
    log.info('Template$', '    pio build && pio train && pio deploy')
    return 0
  },
}

const SKELETON = join(import.meta.dirname, '../templates/skeleton')
