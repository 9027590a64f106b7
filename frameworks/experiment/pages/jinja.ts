import nunjucks from 'nunjucks'
import { FILTERS } from './jinja-filters.ts'
import { CYCLE, NAMESPACE_ASSIGN } from './jinja-source.ts'
import { escapeHtml, printed, sliced, STRING_METHODS } from './python-values.ts'

/** Where templates come from: their adapted source by name; undefined if there is none. */
export type TemplateSource = (name: string) => string | undefined

export type Renderer = Readonly<{
  /** @throws Error with template and line when the template is missing or broken */
  render: (name: string, variables: Readonly<Record<string, unknown>>) => string
}>

/**
 * Renders Jinja2 templates: nunjucks, taught to print, escape and look up as Python does. Compiled
 * templates are kept as long as the renderer.
 */
export function createRenderer(
  source: TemplateSource,
  globals: Readonly<Record<string, unknown>>,
): Renderer {
  teachPython()
  const { withLeads, leadsOf } = leadingTexts(source)
  const environment = new nunjucks.Environment(new SourceLoader(withLeads), { autoescape: true })
  for (const [name, filter] of Object.entries(FILTERS)) environment.addFilter(name, filter)
  for (const [name, value] of Object.entries(globals)) environment.addGlobal(name, value)
  environment.addGlobal('namespace', namespace)
  environment.addGlobal('dict', membersOf)
  environment.addGlobal(
    CYCLE,
    (round: number, ...values: unknown[]) => values[round % values.length],
  )
  return {
    render: (name, variables) =>
      [...leadsOf(name), name].map((part) => environment.render(part, { ...variables })).join(''),
  }
}

/**
 * What stands before `{% extends %}` is printed by Jinja2, in front of the parent, and dropped by
 * nunjucks: here it is its own template.
 */
function leadingTexts(source: TemplateSource) {
  const known = new Map<string, readonly string[]>()
  const find = (name: string, depth: number): readonly string[] => {
    const [, lead = '', parent] = EXTENDS.exec(source(name) ?? '') ?? []
    if (parent === undefined || depth > PARENTS_MAX) return []
    return [...(lead === '' ? [] : [name + LEAD]), ...find(parent, depth + 1)]
  }
  return {
    withLeads: (name: string): string | undefined =>
      name.endsWith(LEAD)
        ? EXTENDS.exec(source(name.slice(0, -LEAD.length)) ?? '')?.[1]
        : source(name),
    leadsOf: (name: string): readonly string[] => {
      const leads = known.get(name) ?? find(name, 0)
      known.set(name, leads)
      return leads
    },
  }
}

const EXTENDS = /^((?:(?!\{%)[\s\S])*?)\{%[-+]?\s*extends\s+["']([^"']+)["']/
const LEAD = ' before extends'

/** More layouts within each other refer to themselves; rendering them says so. */
const PARENTS_MAX = 20

class SourceLoader extends nunjucks.Loader {
  readonly #source: TemplateSource

  constructor(source: TemplateSource) {
    super()
    this.#source = source
  }

  getSource(name: string): { src: string; path: string; noCache: boolean } {
    const src = this.#source(name)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nunjucks takes null for "not mine"
    if (src === undefined) return null as never
    return { src, path: name, noCache: false }
  }
}

const { SafeString } = nunjucks.runtime

type Internals = {
  lib: { escape: (text: string) => string }
  runtime: {
    suppressValue: (value: unknown, autoescape: boolean) => unknown
    memberLookup: (object: unknown, ...names: unknown[]) => unknown
  }
}

let isTaught = false

/** Once a process: nunjucks keeps these functions in module objects that compiled templates call. */
function teachPython(): void {
  if (isTaught) return
  isTaught = true
  nunjucks.installJinjaCompat()
  const internals = nunjucks as unknown as Internals
  internals.lib.escape = escapeHtml
  internals.runtime.suppressValue = (value, autoescape) => {
    if (value instanceof SafeString) return value
    return autoescape ? escapeHtml(printed(value)) : printed(value)
  }
  const lookup = internals.runtime.memberLookup
  internals.runtime.memberLookup = (object, name, ...rest) => {
    // `x[1:3]` arrives as start, stop and step.
    if (rest.length === SLICE_PARTS - 1) return sliced(object, [name, ...rest])
    if (UNREACHABLE.has(String(name))) return undefined
    const isList = Array.isArray(object) || typeof object === 'string'
    if (isList && typeof name === 'number') return object.at(name)
    if (typeof object !== 'string') return lookup(object, name)
    const method = STRING_METHODS[String(name)] as ((...args: unknown[]) => unknown) | undefined
    if (method !== undefined) return (...args: unknown[]) => method(object, ...args)
    return lookup(object, name)
  }
}

/** What loops can write to: `{% set ns.total = … %}` arrives as a call of the method. */
function namespace(values: Readonly<Record<string, unknown>> = {}): object {
  const space = membersOf(values)
  const assign = (name: string, value: unknown): void => void (space[name] = value)
  return Object.defineProperty(space, NAMESPACE_ASSIGN, { value: assign })
}

/** Arguments by name, without the mark that nunjucks puts on them. */
function membersOf({ __keywords: _, ...members }: Readonly<Record<string, unknown>> = {}): Record<
  string,
  unknown
> {
  return members
}

const SLICE_PARTS = 3

/** The way from a value to the machinery behind it. */
const UNREACHABLE: ReadonlySet<string> = new Set(['constructor', '__proto__', 'prototype'])
