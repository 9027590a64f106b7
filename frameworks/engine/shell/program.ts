import { compile } from './typescript.ts'

/** The function that a program calls with what its statements give. */
export const SHOW = '__show'

/**
 * TypeScript as it was typed, as a module of JavaScript with the same lines: what is only an
 * expression is awaited and shown, as a prompt would do.
 *
 * @throws SyntaxError that names the line
 */
export function toProgram(text: string): string {
  const lines = text.split('\n')
  let program = ''
  let statement = ''
  let from = 1
  for (const [at, line] of lines.entries()) {
    statement += `${line}\n`
    const compiled = compile(statement)
    if (compiled.kind === 'wrong') throw new SyntaxError(`line ${from}: ${compiled.message}`)
    if (compiled.kind === 'incomplete' || goesOn(lines[at + 1])) continue
    program += isExpression(statement) ? shown(statement) : compiled.code
    statement = ''
    from = at + 2
  }
  if (statement === '') return program
  throw new SyntaxError(`line ${from}: the input ends within a statement`)
}

/** What is complete may still be continued: a chain of calls, the branch of an `if`. */
const goesOn = (next: string | undefined): boolean =>
  next !== undefined && /^\s*(?:\?\.|\.(?=\s*[a-z_$])|(?:else|catch|finally)\b)/i.test(next)

function isExpression(statement: string): boolean {
  if (/^\s*(?:(?:async\s+)?function|class)\b/.test(statement)) return false
  return statement.trim() !== '' && compile(wrapped(statement)).kind === 'complete'
}

function shown(statement: string): string {
  const compiled = compile(`${SHOW}(await ${wrapped(statement)})`)
  return compiled.kind === 'complete' ? `${compiled.code};` : statement
}

/** With a line end before the bracket: a comment may stand there. */
const wrapped = (statement: string): string => `(${statement.replace(/;\s*$/, '\n')})`
