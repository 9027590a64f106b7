/**
 * Rewrites what Jinja2 accepts and nunjucks does not, tag by tag; text, comments and raw blocks stay
 * as they are.
 *
 * - `{% for x in list: %}`: a stray colon at the end of a tag
 * - `{% with a = 1, b = 2 %}`: a scope of its own
 * - `{% include "x" with context %}`, `{% block x scoped %}`, `{%+ … %}`: words without effect here
 * - `==` and `!=`: as in Python a number is never equal to a text, so they become strict
 * - line ends: `\r\n` becomes `\n`, the last one is dropped
 */
export function adaptJinja(source: string): string {
  const text = source.replaceAll(/\r\n?/g, '\n').replace(/\n$/, '')
  return text.replaceAll(TAGS, (tag) => {
    if (isVerbatim(tag)) return tag
    return strictly(tag.startsWith('{{') ? tag : adaptTag(tag))
  })
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
  return wrap(
    content
      .replace(/^((?:for|if|elif|else)\b[\s\S]*?)\s*:$/, '$1')
      .replace(/^(include\b[\s\S]*?)\s+with(?:out)?\s+context$/, '$1')
      .replace(/^((?:import|from)\b[\s\S]*?)\s+without\s+context$/, '$1')
      .replace(/^(block\s+\w+)\s+(?:scoped|required)$/, '$1'),
  )
}

/** A loop of one round has a scope of its own, which is all that `with` needs. */
function openScope(assignments: string, wrap: (body: string) => string): string {
  const sets = splitTopLevel(assignments).map((assignment) => `{% set ${assignment.trim()} %}`)
  return wrap('for _with in [0]') + sets.join('')
}

/** Splits at commas outside of brackets and quotes. */
function splitTopLevel(text: string): string[] {
  const parts = text.match(/(?:"[^"]*"|'[^']*'|\([^()]*\)|\[[^\]]*\]|\{[^}]*\}|[^,])+/g)
  return (parts ?? []).filter((part) => part.trim() !== '')
}
