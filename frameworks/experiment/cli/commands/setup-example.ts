import { defineCommand } from '@hokku/kit/command-line'
import { cp, mkdir, copyFile, rename } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { problem } from '../../problems.ts'
import { frameworkDirectory } from '../launcher.ts'

/** Also the program `psiturk-setup-example`. */
export const command = defineCommand({
  summary: 'Creates the folder psiturk-example with a complete study, the Stroop task.',
  run: async () => {
    await setupExample(process.cwd(), console.log)
    return 0
  },
})

/**
 * Creates a folder `psiturk-example` with the stroop study.
 *
 * @throws Problem `example_exists`
 */
export async function setupExample(parent: string, print: (text: string) => void): Promise<void> {
  const target = resolve(parent, 'psiturk-example')
  if (existsSync(target)) {
    throw problem(
      'example_exists',
      'Error, psiturk-example directory already exists in this folder.',
      {
        hint: 'Rename or remove it, or go to another folder.',
      },
    )
  }
  print(`Creating new folder \`psiturk-example\` in the current working directory`)
  await cp(join(frameworkDirectory, 'example'), target, { recursive: true })
  // Under its own name git would obey it inside our repository, and npm would not pack it.
  await rename(join(target, 'gitignore'), join(target, '.gitignore'))
  await copyLibraries(join(target, 'static', 'lib'))
  print('Copying example study to psiturk-example')
  print('Done. Next: cd psiturk-example && psiturk server on && psiturk debug')
}

/** What pages of a study load before `psiturk.js`: package, file, name in the study. */
const LIBRARIES = [
  ['jquery', 'dist/jquery.min.js', 'jquery-min.js'],
  ['underscore', 'underscore-min.js', 'underscore-min.js'],
  ['backbone', 'backbone-min.js', 'backbone-min.js'],
] as const

async function copyLibraries(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  const require = createRequire(import.meta.url)
  await Promise.all(
    LIBRARIES.map(([name, file, copy]) =>
      copyFile(join(rootOf(require.resolve(name), name), file), join(directory, copy)),
    ),
  )
}

/** The folder of a package, from the path of one of its files. */
function rootOf(path: string, name: string): string {
  const folder = dirname(path)
  return basename(folder) === name ? folder : rootOf(folder, name)
}
