/**
 * Rewrites what Jinja2 accepts and nunjucks does not, tag by tag; text, comments and raw blocks stay
 * as they are.
 *
 * - `{% for x in list: %}`: a stray colon at the end of a tag
 * - `{% with a = 1, b = 2 %}`: its own scope
 * - `{% include "x" with context %}`, `{% block x scoped %}`, `{%+ … %}`: words without effect here
 * - `('a', 'b')`: a tuple becomes a list
 * - `{% for x in list if x.isOpen %}`: a loop over what a loop before it has chosen
 * - `loop.cycle('a', 'b')`, `'%s' % name`, `n is divisibleby 2`, a comma before `)`: as nunjucks has them
 * - `{% set ns.total = 1 %}`: a namespace's own method writes it
 * - `{% autoescape false %}`: what is printed inside is marked as safe
 * - `==` and `!=`: as in Python a number is never equal to a text, so they become strict
 * - line ends: `\r\n` becomes `\n`, the last one is dropped
 */
export function adaptJinja(source: string): string {
  const text = source.replaceAll(/\r\n?/g, '\n').replace(/\n$/, '')
  const escaping: boolean[] = []
  return text.replaceAll(TAGS, (tag) => {
    if (isVerbatim(tag)) return tag
    const escape = /^\{%[-+]?\s*(?:autoescape\s+(\w+)|endautoescape)\s*[-+]?%\}$/.exec(tag)
    if (escape !== null) {
      if (escape[1] === undefined) escaping.pop()
      else escaping.push(!/^false$/i.test(escape[1]))
      return ''
    }
    const plain = withoutOperators(tag)
    const adapted = strictly(listsForTuples(tag.startsWith('{{') ? plain : adaptTag(plain)))
    return escaping.at(-1) === false && tag.startsWith('{{') ? markSafe(adapted) : adapted
  })
}

/** The method by which a namespace is written to. */
export const NAMESPACE_ASSIGN = '_assign'

const markSafe = (tag: string): string =>
  tag.replace(/^\{\{(-?)([\s\S]*?)(-?)\}\}$/, '{{$1 ($2)|safe $3}}')

/** What Python and Jinja2 write with operators, as calls. */
const withoutOperators = (tag: string): string =>
  tag
    .replaceAll(FORMATTED, (whole: string, text: string, value: string | undefined) => {
      if (value === undefined) return whole
      const values = /^\(([\s\S]*)\)$/.exec(value)?.[1] ?? value
      return `(${text}|format(${values}))`
    })
    .replaceAll(REWRITTEN, (part: string, ...groups: unknown[]) => {
      const { test, value } = groups.at(-1) as { test?: string; value?: string }
      if (test !== undefined) return `${test}(${value})`
      if (part.startsWith('loop.cycle')) return `${CYCLE}(loop.index0, `
      return part.startsWith(',') ? ')' : part
    })

/** By which a loop picks one of some values in turn. */
export const CYCLE = '_cycle'

const QUOTED = String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`

/** A name with what hangs on it, a number or a text. */
const OPERAND = String.raw`(?:${QUOTED}|[\w.]+(?:\([^()]*\)|\[[^\]]*\]|\.\w+)*)`

const FORMATTED = new RegExp(
  String.raw`(${QUOTED})(?:\s*%(?!\})\s*(\((?:[^()]|\([^()]*\))*\)|${OPERAND}))?`,
  'g',
)

const REWRITTEN = new RegExp(
  String.raw`${QUOTED}|\bloop\.cycle\(|,\s*\)|(?<test>\bis\s+(?:not\s+)?(?:divisibleby|equalto|sameas|eq|ne|lt|le|gt|ge))\s+(?<value>${OPERAND})`,
  'g',
)

/**
 * Parentheses with a comma in them that call nothing. nunjucks would take the last element for the
 * whole, so that `mode in ('live', 'sandbox')` would look for a part of a word.
 */
function listsForTuples(tag: string): string {
  const characters = tag.split('')
  const open: { at: number; isCall: boolean; isTuple: boolean }[] = []
  for (const { 0: token, index } of tag.matchAll(TOKENS)) {
    const top = open.at(-1)
    if (token === '(' || token === '[' || token === '{') {
      open.push({
        at: index,
        isCall: token !== '(' || isCalled(tag.slice(0, index)),
        isTuple: false,
      })
    } else if (token === ',' && top !== undefined) {
      top.isTuple = !top.isCall
    } else if (token === ')' || token === ']' || token === '}') {
      open.pop()
      if (top?.isTuple !== true) continue
      characters[top.at] = '['
      characters[index] = ']'
    }
  }
  return characters.join('')
}

const TOKENS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()[\],]|\{(?![{%])|(?<![%}])\}(?!\})/g

/** Whether an opening parenthesis behind this text belongs to a name or a value. */
function isCalled(before: string): boolean {
  const word = /([\w.]+|[)\]])\s*$/.exec(before)?.[1]
  return word !== undefined && !/^(?:in|and|or|not|if|elif|else|is)$/.test(word)
}

/** Outside of quotes. */
const strictly = (tag: string): string =>
  tag.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[!=]==?/g, (part) =>
    part === '==' || part === '!=' ? `${part}=` : part,
  )

const TAGS =
  /\{#[\s\S]*?#\}|\{%[-+]?\s*raw\s*[-+]?%\}[\s\S]*?\{%[-+]?\s*endraw\s*[-+]?%\}|\{%[\s\S]*?%\}|\{\{[\s\S]*?\}\}/g

const isVerbatim = (tag: string): boolean => tag.startsWith('{#') || /^\{%[-+]?\s*raw\b/.test(tag)

function adaptTag(tag: string): string {
  const parts = /^\{%([-+]?)\s*([\s\S]*?)\s*([-+]?)%\}$/.exec(tag)
  if (parts === null) return tag
  const [, open = '', content = '', close = ''] = parts
  const [left, right] = [open === '-' ? '-' : '', close === '-' ? '-' : '']
  const wrap = (body: string): string => `{%${left} ${body} ${right}%}`
  if (/^with\b/.test(content)) return openScope(content.slice('with'.length), wrap)
  if (content === 'endwith') return wrap('endfor')
  const filtered = /^for\s+([\w\s,]+?)\s+in\s+([\s\S]+?)\s+if\s+([\s\S]+?)\s*:?$/.exec(content)
  if (filtered !== null && !/\belse\b/.test(content)) return filteredLoop(filtered, left, right)
  return wrap(
    content
      .replace(/^((?:for|if|elif|else)\b[\s\S]*?)\s*:$/, '$1')
      .replace(/^(include\b[\s\S]*?)\s+with(?:out)?\s+context$/, '$1')
      .replace(/^((?:import|from)\b[\s\S]*?)\s+without\s+context$/, '$1')
      .replace(
        /^set\s+(\w+)\.(\w+)\s*=(?!=)\s*([\s\S]*)$/,
        `set _ = $1.${NAMESPACE_ASSIGN}('$2', $3)`,
      )
      .replace(/^(block\s+\w+)\s+(?:scoped|required)$/, '$1'),
  )
}

/** A loop of one round has its own scope, which is all that `with` needs. */
function openScope(assignments: string, wrap: (body: string) => string): string {
  const sets = splitTopLevel(assignments).map((assignment) => `{% set ${assignment.trim()} %}`)
  return wrap('for _with in [0]') + sets.join('')
}

/** `loop.index` and `{% else %}` are about what was chosen, so that is chosen beforehand. */
function filteredLoop(
  [, names = '', items = '', condition = '']: readonly string[],
  left: string,
  right: string,
): string {
  const element = names.includes(',') ? `[${names}]` : names
  return (
    `{%${left} set _chosen = [] %}{% for ${names} in ${items} %}{% if ${condition} %}` +
    `{% set _ = _chosen.push(${element}) %}{% endif %}{% endfor %}{% for ${names} in _chosen ${right}%}`
  )
}

/** Splits at commas outside of brackets and quotes. */
function splitTopLevel(text: string): string[] {
  const parts = text.match(/(?:"[^"]*"|'[^']*'|\([^()]*\)|\[[^\]]*\]|\{[^}]*\}|[^,])+/g)
  return (parts ?? []).filter((part) => part.trim() !== '')
}
