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
  HOKKU_NETWORK: z
    .enum(['private', 'strict', 'shared'])
    .default('private')
    .describe(
      'As root with nft, `private` keeps apps apart; `strict` also closes servers of this machine that are not their add-ons; `shared`: apps may reach every port.',
    ),
  HOKKU_OPEN_PORTS: z
    .string()
    .regex(/^\d{1,5}(?:,\d{1,5})*$/)
    .optional()
    .describe('Ports of this machine that all apps may reach, e.g. 3306,11434.'),
})

export type NetworkConfig = Readonly<{
  wanted: 'private' | 'strict' | 'shared'
  /** What the operator opens to all apps. */
  openPorts: readonly number[]
}>

export function readNetworkConfig(env: NodeJS.ProcessEnv): NetworkConfig {
  const { HOKKU_NETWORK: wanted, HOKKU_OPEN_PORTS: open } = readEnvironment(Environment, env)
  return { wanted, openPorts: open?.split(',').map(Number) ?? [] }
}

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
