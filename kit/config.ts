import type * as z from 'zod'
import { Problem } from './problem.ts'

/**
 * Variables that are read one by one, in several places, and so stand in no schema: name → default
 * and meaning. A default of null: unset has a meaning, which the description gives.
 */
export type Variables = Readonly<
  Record<string, Readonly<{ default: string | null; meaning: string }>>
>

/**
 * Reads a process's configuration from its environment, once, at start. Empty variables count as
 * unset, because shells and dashboards cannot tell the two apart.
 *
 * @throws Problem `config_invalid` that names every variable that is wrong
 */
export function readEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  env: NodeJS.ProcessEnv,
): z.infer<Schema> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = schema.safeParse(set)
  if (result.success) return result.data
  const wrong = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Problem(
    'config_invalid',
    { id: 'invalid_params', status: 422 },
    `The environment is not valid: ${wrong.join('; ')}`,
  )
}
