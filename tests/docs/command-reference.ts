import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { commandHelp, type Program, programHelp } from '@hokku/kit/command-line'
import { pio } from '../../frameworks/engine/commands/program.ts'
import { command as herokuConfig } from '../../frameworks/experiment/cli/commands/heroku-config.ts'
import { psiturk } from '../../frameworks/experiment/cli/program.ts'
import { modelServer } from '../../frameworks/model/commands/program.ts'
import { hokku } from '../../platform/cli/program.ts'

/** `docs/commands.md`: what `--help` of every command of the four programs prints. */
export const FILE = join(import.meta.dirname, '../../docs/commands.md')

export async function commandReference(): Promise<string> {
  const programs = [await section(hokku), await section(pio), await section(psiturk)]
  const text = [
    INTRODUCTION,
    ...programs,
    page('psiturk-heroku-config', commandHelp('psiturk-heroku-config', '', herokuConfig)),
    await section(modelServer),
  ].join('\n')
  return stripVTControlCharacters(text)
}

const INTRODUCTION = `# Commands

Every command line explains itself: \`<program> help\`, \`<program> help <command>\` and \`<program> <command> --help\` print what is below. \`npm run docs:commands\` writes this page from the same declarations.

A call that makes no sense, such as an unknown option, exits with 2 (\`pio\` and \`psiturk\`: 1, as the originals do), any other failure with 1. The message begins with \`Error:\`; the lines after it say what to do.

To complete commands and options with the Tab key, put \`eval "$(hokku completion bash)"\` into \`~/.bashrc\` (zsh and fish: \`hokku help completion\`); the same for \`pio\`, \`psiturk\` and \`model-server\`.
`

async function section<Context>(program: Program<Context>): Promise<string> {
  const pages = Object.entries(program.groups).flatMap(([, commands]) =>
    Object.entries(commands).map(async ([name, load]) => {
      const { command } = await load()
      return page(`${program.name} ${name}`, commandHelp(program.name, name, command), '###')
    }),
  )
  return [page(program.name, await programHelp(program)), ...(await Promise.all(pages))].join('\n')
}

const page = (title: string, help: string, heading = '##'): string =>
  `${heading} ${title}\n\n\`\`\`text\n${help}\`\`\`\n`

if (import.meta.main) await writeFile(FILE, await commandReference())
