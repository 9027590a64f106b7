import { join, resolve } from 'node:path'
import { acceptedVersion, readTemplateVersion } from '../dase/template-version.ts'
import { VERSION } from '../version.ts'
import { type Command, textOption } from './command.ts'

export const command: Command = {
  usage: '',
  summary: 'Prints the PredictionIO version that the engine in this folder asks for.',
  options: [],
  arguments: [],
  run: async (call, { write, cwd }) => {
    const directory = resolve(cwd, textOption(call, 'engine-dir') ?? '.')
    const wanted = await readTemplateVersion(join(directory, 'template.json')).catch(
      () => undefined,
    )
    write(`${wanted !== undefined && acceptedVersion(wanted) ? wanted : VERSION}\n`)
    return 0
  },
}
