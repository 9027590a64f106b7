import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readEnvironment } from '@hokku/kit/config'
import * as z from 'zod'

export const Environment = z.object({
  HOKKU_OBJECT_STORAGE_DIRECTORY: z
    .string()
    .describe('Folder with the files, the catalogue and the token.'),
  HOKKU_OBJECT_STORAGE_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('Port on the loopback address; 0 takes a free one.'),
  HOKKU_OBJECT_STORAGE_ACCOUNT: z
    .string()
    .regex(/^\d+:\d+$/)
    .optional()
    .describe('`<uid>:<gid>` under which the server runs when root starts it.'),
})

/** The only reader of the server's environment. The token comes from a file: argv and environment show. */
export function readStorageConfig(env: NodeJS.ProcessEnv) {
  const config = readEnvironment(Environment, env)
  const directory = config.HOKKU_OBJECT_STORAGE_DIRECTORY
  const [uid, gid] = config.HOKKU_OBJECT_STORAGE_ACCOUNT?.split(':').map(Number) ?? []
  return {
    directory,
    token: readFileSync(join(directory, 'token'), 'utf8').trim(),
    port: config.HOKKU_OBJECT_STORAGE_PORT,
    account: uid === undefined || gid === undefined ? undefined : { uid, gid },
  }
}
