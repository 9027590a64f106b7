import { join, resolve } from 'node:path'
import { acceptedVersion, readTemplateVersion } from '../dase/template-version.ts'
import { VERSION } from '../version.ts'
import { pioCommand } from './command.ts'

export const command = pioCommand({
  worksWithEngine: true,
  summary: 'Prints the version of PredictionIO that the engine of this folder asks for.',
  run: async (call, { write, cwd }) => {
    const directory = resolve(cwd, call.options['engine-dir'] ?? '.')
    const wanted = await readTemplateVersion(join(directory, 'template.json')).catch(
      () => undefined,
    )
    write(`${wanted !== undefined && acceptedVersion(wanted) ? wanted : VERSION}\n`)
    return 0
  },
})
