import type * as z from 'zod'
import { problem } from '../problems.ts'

/** Query parameters by a schema. @throws Problem that names the wrong ones */
export function parseQuery<Schema extends z.ZodType>(
  schema: Schema,
  query: unknown,
): z.infer<Schema> {
  const result = schema.safeParse(query)
  if (result.success) return result.data
  const wrong = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw problem('request_invalid', `The query is not valid: ${wrong.join('; ')}.`)
}
