import { problem } from '../problems.ts'

type Env = Readonly<Record<string, string | undefined>>
type Value = (env: Env) => string
type Step =
  | Readonly<{ do: 'write'; line: readonly Value[] }>
  | Readonly<{ do: 'if'; holds: (env: Env) => boolean }>
  | Readonly<{ do: 'else' | 'end' }>

/**
 * Reads a configuration template in a subset of ERB: `<%= ENV['X'] %>`, `<%= ENV.fetch('X', 'd') %>`,
 * and lines `<% if ENV['X'] %>`, `<% if ENV['X'] == 'y' %>`, `<% else %>`, `<% end %>`. Nothing in a
 * template is run.
 *
 * @returns renders it; throws for a variable that is not set and has no default
 * @throws Problem `build_rejected` that names the line of anything else
 */
export function parseTemplate(text: string, name: string): (env: Env) => string {
  let depth = 0
  const steps = text.split('\n').map((line, at): Step => {
    const where = `${name}, line ${at + 1}`
    const step = parseLine(line, where)
    if (step.do === 'if') depth += 1
    else if (step.do !== 'write' && depth === 0) throw refused(where, step.do)
    if (step.do === 'end') depth -= 1
    return step
  })
  if (depth > 0) throw refused(name, 'an if has no end')
  return (env) => render(steps, env)
}

function parseLine(line: string, where: string): Step {
  const tag = /^\s*<%-?(?![=#])\s*(.*?)\s*-?%>\s*$/.exec(line)?.[1]
  if (tag === undefined) return { do: 'write', line: parseValues(line, where) }
  if (tag === 'else' || tag === 'end') return { do: tag }
  const condition = /^if\s+(.*)$/.exec(tag)?.[1]
  if (condition === undefined) throw refused(where, tag)
  return { do: 'if', holds: parseCondition(condition, where) }
}

const parseValues = (line: string, where: string): Value[] =>
  // Every second part is what stands between the tags.
  line
    .split(/<%(.*?)%>/)
    .map((part, at) => (at % 2 === 0 ? () => part : parseValue(part.trim(), where)))

function parseValue(code: string, where: string): Value {
  if (code.startsWith('#')) return () => ''
  const plain = /^=\s*ENV\[(['"])(\w+)\1\]$/.exec(code)
  if (plain !== null) return (env) => env[plain[2] ?? ''] ?? ''
  const fetched = /^=\s*ENV\.fetch\((['"])(\w+)\1(?:\s*,\s*(['"])(.*?)\3)?\)$/.exec(code)
  if (fetched === null) throw refused(where, code)
  const [, , name = '', , fallback] = fetched
  return (env) => {
    const value = env[name] ?? fallback
    if (value === undefined) throw refused(where, `${name} is not set`)
    return value
  }
}

function parseCondition(condition: string, where: string): (env: Env) => boolean {
  const match = /^(!?)\s*ENV\[(['"])(\w+)\2\](?:\s*(==|!=)\s*(['"])(.*?)\5)?$/.exec(condition)
  if (match === null) throw refused(where, condition)
  const [, negation, , name = '', operator, , wanted] = match
  const isNegated = (operator === '!=') !== (negation === '!')
  return (env) =>
    (operator === undefined ? env[name] !== undefined : env[name] === wanted) !== isNegated
}

function render(steps: readonly Step[], env: Env): string {
  const open: { isTrue: boolean; wasTrue: boolean }[] = []
  const lines: string[] = []
  for (const step of steps) {
    const branch = open.at(-1)
    if (step.do === 'if') {
      const isTrue = step.holds(env)
      open.push({ isTrue, wasTrue: isTrue })
    } else if (step.do === 'end') open.pop()
    else if (step.do === 'else' && branch !== undefined) branch.isTrue = !branch.wasTrue
    else if (step.do === 'write' && open.every(({ isTrue }) => isTrue)) {
      lines.push(step.line.map((value) => value(env)).join(''))
    }
  }
  return lines.join('\n')
}

const refused = (where: string, what: string) =>
  problem('build_rejected', `${where}: ${what}`, {
    hint: "Templates may use <%= ENV['X'] %>, <%= ENV.fetch('X', 'default') %>, if, else and end.",
  })
