import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

/**
 * Reduces Heroku's published `schema.json` to facts: methods, paths, names and types of fields, and
 * which are required. Descriptions, examples and titles stay behind.
 *
 * ```
 * node platform/api/schema/reduce.ts <schema.json> <commit of heroku/platform-api>
 * ```
 */
const [file = '', commit = ''] = process.argv.slice(2)
if (file === '' || commit === '') {
  console.error('usage: reduce.ts <schema.json> <commit>')
  process.exit(2)
}

/** A JSON Schema as it comes: anything with string keys. */
type Node = Record<string, unknown>
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const Published = z.object({
  definitions: z.record(
    z.string(),
    z.looseObject({
      links: z
        .array(
          z.looseObject({
            href: z.string(),
            method: z.string(),
            rel: z.string().default('self'),
            schema: z.unknown().optional(),
            targetSchema: z.unknown().optional(),
          }),
        )
        .default([]),
    }),
  ),
})
const source: unknown = JSON.parse(readFileSync(file, 'utf8'))
const { definitions } = Published.parse(source)

/** Follows `#/definitions/app/definitions/name`. */
function lookUp(reference: string): Node {
  const found = reference
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (isNode(node) ? node[key] : undefined), source)
  if (!isNode(found)) throw new Error(`${reference} leads nowhere`)
  return found
}

/** Words of JSON Schema that say something about a value. */
const KEPT = ['type', 'format', 'enum', 'required', 'additionalProperties', 'minItems'] as const

function reduce(node: unknown): Node {
  if (!isNode(node)) return {}
  const reference = node['$ref']
  if (typeof reference === 'string') {
    const whole = /^#\/definitions\/([^/]+)$/.exec(reference)?.[1]
    if (whole !== undefined) return { $ref: `#/$defs/${whole}` }
    return reduce({ ...lookUp(reference), ...omit(node, '$ref') })
  }
  const kept: Node = {}
  for (const word of KEPT) {
    const value = node[word]
    if (value === undefined) continue
    if (word === 'additionalProperties' && typeof value !== 'boolean') kept[word] = reduce(value)
    else
      kept[word] = Array.isArray(value) && value.length === 1 && word === 'type' ? value[0] : value
  }
  for (const word of ['properties', 'patternProperties']) {
    const fields = node[word]
    if (!isNode(fields)) continue
    kept[word] = Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, reduce(field)]),
    )
  }
  if (isNode(node['items'])) kept['items'] = reduce(node['items'])
  for (const word of ['anyOf', 'oneOf']) {
    const choices = node[word]
    if (Array.isArray(choices)) kept[word] = choices.map((choice) => reduce(choice))
  }
  return kept
}

const omit = (node: Node, key: string): Node =>
  Object.fromEntries(Object.entries(node).filter(([name]) => name !== key))

/** `/apps/{(%23%2Fdefinitions%2Fapp%2Fdefinitions%2Fidentity)}` → `/apps/{app}`. */
const pathOf = (href: string): string =>
  decodeURIComponent(href)
    .replaceAll(/\{\(#\/definitions\/([^/)]+)[^)]*\)\}/g, '{$1}')
    .replace(/\?.*/, '')

const endpoints = Object.entries(definitions).flatMap(([resource, { links }]) =>
  links.map((link) => ({
    resource,
    method: link.method,
    path: pathOf(link.href),
    ...(link.schema !== undefined && { body: reduce(link.schema) }),
    answer: answerOf(resource, link),
  })),
)

/** What a link answers; without a word on it, the resource itself or a list of it. */
function answerOf(
  resource: string,
  { rel, targetSchema }: { rel: string; targetSchema?: unknown },
) {
  if (targetSchema !== undefined) return reduce(targetSchema)
  const itself = { $ref: `#/$defs/${resource}` }
  return rel === 'instances' ? { type: 'array', items: itself } : itself
}

/** Resources of a company's account; hokku has people and apps only. */
const LEFT_OUT =
  /^(team|enterprise|space|vpn|invoice|peering|inbound-ruleset|identity-provider|account-delinquency|credit|password-reset|sms-number|allowed-add-on|permission-entity|audit-trail|archive|user-preferences|add-on-region|add-on-webhook|add-on-action|add-on-plan-action)/

const chosen = endpoints.filter(
  ({ resource, path }) => !LEFT_OUT.test(resource) && !/^\/(teams|spaces|enterprise)/.test(path),
)
/** Resources that the endpoints speak of, and those that these speak of. */
function withUsed(names: ReadonlySet<string>): Set<string> {
  const text = JSON.stringify([chosen, ...[...names].map((name) => reduce(definitions[name]))])
  const all = new Set(Object.keys(definitions).filter((name) => text.includes(`"#/$defs/${name}"`)))
  return all.size === names.size ? all : withUsed(all)
}

const schema = {
  source: { repository: 'heroku/platform-api', file: 'schema.json', commit },
  endpoints: chosen.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
  $defs: Object.fromEntries(
    [...withUsed(new Set())].toSorted().map((name) => [name, reduce(definitions[name])]),
  ),
}

writeFileSync(join(import.meta.dirname, 'heroku.json'), `${JSON.stringify(schema, null, 1)}\n`)
