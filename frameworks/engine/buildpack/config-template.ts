import { problem } from '../problems.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * Renders a configuration template in a subset of ERB: `<%= ENV['X'] %>`, `<%= ENV.fetch('X', 'd') %>`,
 * and lines `<% if ENV['X'] %>`, `<% if ENV['X'] == 'y' %>`, `<% else %>`, `<% end %>`. Nothing in a
 * template is run.
 *
 * @throws Problem `build_rejected` that names the line of anything else
 */
export function renderTemplate(text: string, name: string, env: Env): string {
  const open: { isTrue: boolean; wasTrue: boolean }[] = []
  const lines: string[] = []
  for (const [at, line] of text.split('\n').entries()) {
    const where = `${name}, line ${at + 1}`
    const tag = /^\s*<%-?\s*(.*?)\s*-?%>\s*$/.exec(line)?.[1]
    if (tag !== undefined && !tag.startsWith('=') && !tag.startsWith('#')) {
      switchBranch(tag, open, where, env)
    } else if (open.every(({ isTrue }) => isTrue)) {
      lines.push(line.replaceAll(/<%(.*?)%>/g, (_, code: string) => valueOf(code, where, env)))
    }
  }
  if (open.length > 0) throw refused(name, 'an if has no end')
  return lines.join('\n')
}

type Branch = { isTrue: boolean; wasTrue: boolean }

function switchBranch(tag: string, open: Branch[], where: string, env: Env): void {
  const condition = /^if\s+(.*)$/.exec(tag)?.[1]
  if (condition !== undefined) {
    const isTrue = holds(condition, where, env)
    open.push({ isTrue, wasTrue: isTrue })
    return
  }
  const branch = open.at(-1)
  if (branch === undefined || (tag !== 'else' && tag !== 'end')) throw refused(where, tag)
  if (tag === 'end') open.pop()
  else branch.isTrue = !branch.wasTrue
}

function holds(condition: string, where: string, env: Env): boolean {
  const match = /^(!?)\s*ENV\[(['"])(\w+)\2\](?:\s*(==|!=)\s*(['"])(.*?)\5)?$/.exec(condition)
  if (match === null) throw refused(where, condition)
  const [, negation, , name = '', operator, , wanted] = match
  const value = env[name]
  const isEqual = operator === undefined ? value !== undefined : value === wanted
  return (operator === '!=') !== (negation === '!') ? !isEqual : isEqual
}

function valueOf(code: string, where: string, env: Env): string {
  const expression = code.trim()
  if (expression.startsWith('#')) return ''
  const plain = /^=\s*ENV\[(['"])(\w+)\1\]$/.exec(expression)
  if (plain !== null) return env[plain[2] ?? ''] ?? ''
  const fetched = /^=\s*ENV\.fetch\((['"])(\w+)\1(?:\s*,\s*(['"])(.*?)\3)?\)$/.exec(expression)
  if (fetched === null) throw refused(where, expression)
  const [, , name = '', , fallback] = fetched
  const value = env[name] ?? fallback
  if (value === undefined) throw refused(where, `${name} is not set`)
  return value
}

const refused = (where: string, what: string) =>
  problem('build_rejected', `${where}: ${what}`, {
    hint: "Templates may use <%= ENV['X'] %>, <%= ENV.fetch('X', 'default') %>, if, else and end.",
  })
