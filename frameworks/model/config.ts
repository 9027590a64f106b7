import * as z from 'zod'
import { readEnvironment } from '@hokku/kit/config'

const flag = (fallback: boolean, description: string) =>
  z
    .enum(['0', '1', 'true', 'false'])
    .transform((text) => text === '1' || text === 'true')
    .default(fallback)
    .describe(description)

/** Every variable of the server but `DATABASE_URL`. */
export const Environment = z.object({
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(5000)
    .describe('Port on which the server listens.'),
  HOST: z
    .string()
    .optional()
    .describe('Address on which it listens: loopback if unset, all addresses in a dyno.'),
  DYNO: z.string().optional().describe('Set by the platform in a dyno: the name of the dyno.'),
  MODEL_STRICT: flag(true, 'Check observations against the columns of the training.'),
  MODEL_ERRORS_AS_200: flag(false, 'Answer failures with status 200, for clients that expect it.'),
  MODEL_THRESHOLD: z.coerce
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'Probability from which the second of two classes is predicted. Without it the model decides: at a half, or at the threshold that it was tuned to.',
    ),
  MODEL_TOKEN: z
    .string()
    .min(16)
    .optional()
    .describe('If set, every route but the health checks needs this token.'),
  MODEL_BODY_BYTES: z.coerce
    .number()
    .int()
    .min(1000)
    .default(8_000_000)
    .describe('Largest body of a request, in bytes.'),
  MODEL_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(6)
    .describe('Connections to PostgreSQL.'),
})

export type Config = Readonly<{
  port: number
  host: string
  /** Check observations against the training columns before casting them. */
  isStrict: boolean
  /** Answer failures of /predict and /update with status 200, as the document's server does. */
  errorsAs200: boolean
  /** From which probability on the second of two classes is predicted; undefined: the model decides. */
  threshold: number | undefined
  /** If set, every route but the health checks wants it. */
  token: string | undefined
  bodyBytesMax: number
  connectionsMax: number
}>

/** The only reader of the environment, apart from the database's address. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const values = readEnvironment(Environment, env)
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
