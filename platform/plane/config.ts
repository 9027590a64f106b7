import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readEnvironment } from '@hokku/kit/config'
import * as z from 'zod'
import type { PlaneConfig } from '../api/index.ts'
import { hokkuHome } from '@hokku/kit/home'
import { homeAt } from '../store/index.ts'

export const Environment = z.object({
  HOKKU_PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(8080)
    .describe('Port of the router. `hokku up --port` sets it.'),
  HOKKU_DOMAIN: z
    .string()
    .default('localhost')
    .describe('Domain under which apps have their host names. `hokku up --domain` sets it.'),
  HOKKU_ECO_IDLE_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(30 * 60_000)
    .describe('Milliseconds without a request after which Eco dynos sleep.'),
})

/** The only reader of the control plane's environment. */
export function readPlaneConfig(env: NodeJS.ProcessEnv): PlaneConfig {
  const {
    HOKKU_PORT: port,
    HOKKU_DOMAIN: domain,
    HOKKU_ECO_IDLE_MS: ecoIdleMs,
  } = readEnvironment(Environment, env)
  const home = homeAt(hokkuHome(env))
  return { version: readVersion(), home, port, domain, url: `http://localhost:${port}`, ecoIdleMs }
}

function readVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
