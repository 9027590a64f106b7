import * as z from 'zod'
import { readEnvironment } from '@hokku/kit/config'

const flag = (fallback: boolean) =>
  z
    .enum(['0', '1', 'true', 'false'])
    .transform((text) => text === '1' || text === 'true')
    .default(fallback)

const Env = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(5000),
  HOST: z.string().optional(),
  DYNO: z.string().optional(),
  MODEL_STRICT: flag(true),
  MODEL_ERRORS_AS_200: flag(false),
  MODEL_THRESHOLD: z.coerce.number().min(0).max(1).default(0.5),
  MODEL_TOKEN: z.string().min(16).optional(),
  MODEL_BODY_BYTES: z.coerce.number().int().min(1000).default(8_000_000),
  MODEL_CONNECTIONS: z.coerce.number().int().min(1).max(100).default(6),
})

export type Config = Readonly<{
  port: number
  host: string
  /** Check observations against the training columns before casting them. */
  isStrict: boolean
  /** Answer failures of /predict and /update with status 200, as the document's server does. */
  errorsAs200: boolean
  /** From which probability on the second of two classes is predicted. */
  threshold: number
  /** If set, every route but the health checks wants it. */
  token: string | undefined
  bodyBytesMax: number
  connectionsMax: number
}>

/** The only reader of the environment, apart from the database's address. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const values = readEnvironment(Env, env)
  return {
    port: values.PORT,
    // In a dyno the router comes from outside; elsewhere no one else should.
    host: values.HOST ?? (values.DYNO === undefined ? '127.0.0.1' : '0.0.0.0'),
    isStrict: values.MODEL_STRICT,
    errorsAs200: values.MODEL_ERRORS_AS_200,
    threshold: values.MODEL_THRESHOLD,
    token: values.MODEL_TOKEN,
    bodyBytesMax: values.MODEL_BODY_BYTES,
    connectionsMax: values.MODEL_CONNECTIONS,
  }
}
