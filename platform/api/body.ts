import type { FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { problem } from '../store/index.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a body may have; a route without it takes none, and refuses every field by name. */
    body?: z.ZodType
  }
}

/**
 * Declares the fields that a route takes. A new route cannot forget it: without, every field is
 * refused, and `bodyOf` throws.
 *
 * @example
 * api.post('/apps', takes(NewApp), (request) => {
 *   const { name } = bodyOf(request, NewApp)
 * })
 * const NewApp = z.strictObject({ name: z.string().nullish() })
 */
export const takes = (body: z.ZodType) => ({ config: { body } })

/**
 * A request's body as its schema says; no body counts as `{}`, since the CLI sends none where
 * there is nothing to say.
 *
 * @throws Problem `invalid_params` that names every field that is wrong or not known
 */
export function bodyOf<Schema extends z.ZodType>(
  request: FastifyRequest,
  schema: Schema,
): z.infer<Schema> {
  if (request.routeOptions.config.body !== schema) {
    throw new Error(`${routeName(request)} reads a body that it does not declare: add takes(…)`)
  }
  const result = schema.safeParse(request.body ?? {})
  if (result.success) return result.data
  const issues = result.error.issues.flatMap((issue) => plainIssues(issue))
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys')
  const wrong = issues.map((issue) => sentenceOf(issue))
  throw problem('invalid_params', `The request is not valid: ${wrong.join('; ')}`, {
    ...(unknown.length > 0 && {
      hint: `${routeName(request)} takes ${knownFields(schema)}. Leave other fields out.`,
    }),
  })
}

/**
 * Refuses the fields of a request whose route declares none.
 *
 * @throws Problem `invalid_params`
 */
export function refuseFields(request: FastifyRequest): void {
  if (request.routeOptions.config.body !== undefined || !isJson(request)) return
  const { body } = request
  if (body == null || (typeof body === 'object' && Object.keys(body).length === 0)) return
  const names = typeof body === 'object' && !Array.isArray(body) ? Object.keys(body) : ['its body']
  throw problem('invalid_params', `The request is not valid: unknown ${names.join(', ')}`, {
    hint: `${routeName(request)} takes no fields. Leave them out.`,
  })
}

/**
 * A field of Heroku's that means nothing here: `null` and `false` ask for nothing and pass.
 *
 * @param why what to do instead, as a sentence
 */
export const unsupported = (why: string) =>
  z
    .unknown()
    .refine((value) => value === undefined || value === null || value === false, why)
    .optional()
    .meta({ unsupported: true })

/** The names of the fields that a schema knows and uses. */
function knownFields(schema: z.ZodType): string {
  if (!(schema instanceof z.ZodObject)) return 'other fields'
  const fields = Object.entries<z.ZodType>(schema.shape)
  const used = fields.filter(([, field]) => field.meta()?.['unsupported'] !== true)
  return used.length === 0 ? 'no fields' : used.map(([name]) => name).join(', ')
}

type Issue = z.core.$ZodIssue

/** Of a choice, only what is wrong with the kind of value that was sent, e.g. with the object. */
function plainIssues(issue: Issue, above: readonly PropertyKey[] = []): Issue[] {
  const path = [...above, ...issue.path]
  if (issue.code !== 'invalid_union') return [{ ...issue, path }]
  const fitting = issue.errors.find(
    (branch) => !branch.some(({ code, path: at }) => code === 'invalid_type' && at.length === 0),
  )
  return fitting?.flatMap((inner) => plainIssues(inner, path)) ?? [{ ...issue, path }]
}

function sentenceOf(issue: Issue): string {
  const path = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    return `unknown ${issue.keys.map((key) => [...issue.path, key].join('.')).join(', ')}`
  }
  return path === '' ? issue.message : `${path}: ${issue.message}`
}

const routeName = ({ method, routeOptions }: FastifyRequest): string =>
  `${method} ${routeOptions.url ?? ''}`

const isJson = ({ headers }: FastifyRequest): boolean =>
  headers['content-type']?.includes('json') === true
