import type { FastifyRequest } from '@hokku/kit/http'
import type * as z from 'zod'
import { problem } from '../store/index.ts'

/**
 * A request's body as its schema says; no body counts as `{}`, since the CLI sends none where
 * there is nothing to say.
 *
 * @throws Problem `invalid_params` that names every field that is wrong
 */
export function bodyOf<Schema extends z.ZodType>(
  request: FastifyRequest,
  schema: Schema,
): z.infer<Schema> {
  const result = schema.safeParse(request.body ?? {})
  if (result.success) return result.data
  const wrong = result.error.issues.map((issue) =>
    issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`,
  )
  throw problem('invalid_params', `The request is not valid: ${wrong.join('; ')}`)
}
