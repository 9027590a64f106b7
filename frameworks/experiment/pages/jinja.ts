import nunjucks from 'nunjucks'
import { escapeHtml, percentFormat, printed, STRING_METHODS } from './python-values.ts'

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
  const environment = new nunjucks.Environment(new SourceLoader(source), { autoescape: true })
  for (const [name, filter] of Object.entries(FILTERS)) environment.addFilter(name, filter)
  for (const [name, value] of Object.entries(globals)) environment.addGlobal(name, value)
  return { render: (name, variables) => environment.render(name, { ...variables }) }
}

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
const safe = (text: string): unknown => new SafeString(text)

const FILTERS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  format: (pattern: string, ...values: unknown[]) => percentFormat(pattern, values),
  tojson: (value: unknown) => safe(jsonForHtml(value)),
  e: (value: unknown) => (value instanceof SafeString ? value : safe(escapeHtml(printed(value)))),
  escape: (value: unknown) =>
    value instanceof SafeString ? value : safe(escapeHtml(printed(value))),
  safe: (value: unknown) => (value instanceof SafeString ? value : safe(printed(value))),
  count: (value: unknown[] | string | undefined) => value?.length ?? 0,
}

/** JSON that may stand in a script, an attribute or text, as Flask's filter writes it. */
const jsonForHtml = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replaceAll(
    /[<>&'\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

type Internals = {
  lib: { escape: (text: string) => string }
  runtime: {
    suppressValue: (value: unknown, autoescape: boolean) => unknown
    memberLookup: (object: unknown, name: unknown) => unknown
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
  internals.runtime.memberLookup = (object, name) => {
    if (UNREACHABLE.has(String(name))) return undefined
    if (typeof object !== 'string') return lookup(object, name)
    const method = STRING_METHODS[String(name)] as ((...args: unknown[]) => unknown) | undefined
    if (method !== undefined) return (...args: unknown[]) => method(object, ...args)
    return lookup(object, name)
  }
}

/** The way from a value to the machinery behind it. */
const UNREACHABLE: ReadonlySet<string> = new Set(['constructor', '__proto__', 'prototype'])
