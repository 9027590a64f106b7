import { Rejected } from '#buildpack/compile'

/** An instruction of a Dockerfile, with the line on which it begins. */
export type Instruction = Readonly<{ line: number; name: string; text: string }>

/** Splits a Dockerfile into instructions: continued lines together, comments left out. */
export function parseDockerfile(text: string): Instruction[] {
  const found: Instruction[] = []
  let begun: { line: number; text: string } | undefined
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*#/.test(line) || (begun === undefined && line.trim() === '')) continue
    begun ??= { line: index + 1, text: '' }
    const isContinued = /\\\s*$/.test(line)
    begun.text += ` ${line.replace(/\\\s*$/, '').trim()}`
    if (isContinued) continue
    found.push(instruction(begun.line, begun.text.trim()))
    begun = undefined
  }
  if (begun !== undefined) found.push(instruction(begun.line, begun.text.trim()))
  return found
}

function instruction(line: number, text: string): Instruction {
  const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? []
  if (/<<-?["']?\w/.test(rest)) throw declined({ line, name, text: rest }, 'a text in the file')
  return { line, name: name.toUpperCase(), text: rest.trim() }
}

/** The words of the form `["a", "b"]`; undefined for a shell command. */
export function execForm(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const words: unknown = JSON.parse(text)
    return Array.isArray(words) && words.every((word) => typeof word === 'string')
      ? words
      : undefined
  } catch {
    return undefined
  }
}

/** Says which step cannot be taken over, and what to do. */
export const declined = ({ line, name, text }: Instruction, what = 'this step'): Rejected =>
  new Rejected(
    `Dockerfile, line ${line}: ${printable(`${name} ${text}`)}
No containers run here, and ${what} has no place in a build with buildpacks. Taken over are: FROM python or node, COPY, RUN pip, npm, yarn, pnpm, apt-get or python, ENV and CMD.
Without the Dockerfile: add a Procfile with the command of CMD, and build on the stack heroku-24: heroku stack:set heroku-24`,
  )

const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 120)
