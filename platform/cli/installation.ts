import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { hokkuHome } from '@hokku/kit/home'
import { homeAt, problem, type Home } from '../store/index.ts'
import type { Api } from './api-client.ts'
import { markFileIn } from './supervisor/child.ts'
import { isAlive, type ProcessMark } from '@hokku/kit/process-mark'

/** How one platform was started; kept in `run/supervisor.json` while it runs. */
export type Address = Readonly<{ port: number; domain: string; bind: string }>

export type Installation = Readonly<{ home: Home; address: Address; supervisor: ProcessMark }>

/** Base URL of the API on this machine; the CLI accepts plain http for `localhost` only. */
export const apiUrl = ({ port }: Pick<Address, 'port'>): string => `http://localhost:${port}`

/** The API as one client sees it: the owner, unless the environment has another key. */
export const apiOf = ({ home, address }: Installation, env: NodeJS.ProcessEnv): Api => ({
  url: `http://127.0.0.1:${address.port}`,
  token: env['HEROKU_API_KEY'] || readToken(home),
})

export const homeOf = (env: NodeJS.ProcessEnv): Home => homeAt(hokkuHome(env))

export const supervisorFile = (home: Home): string => markFileIn(home.run, 'supervisor')

/** The platform that runs on this home; undefined if none does. */
export function findInstallation(home: Home): Installation | undefined {
  const file = supervisorFile(home)
  if (!existsSync(file)) return undefined
  const { supervisor, address } = JSON.parse(readFileSync(file, 'utf8')) as Omit<
    Installation,
    'home'
  >
  return isAlive(supervisor) ? { home, address, supervisor } : undefined
}

/** @throws Problem `not_running` */
export function runningInstallation(env: NodeJS.ProcessEnv): Installation {
  const home = homeOf(env)
  const found = findInstallation(home)
  if (found !== undefined) return found
  throw problem('not_running', `hokku is not running (home: ${shown(home)}).`, {
    hint: 'Start it: hokku up --detach',
  })
}

/**
 * The owner's token; made at the first start.
 *
 * @throws Problem `not_running`
 */
export function readToken(home: Home): string {
  if (existsSync(home.token)) return readFileSync(home.token, 'utf8').trim()
  throw problem('not_running', `There is no platform in ${shown(home)} yet.`, {
    hint: 'Start one: hokku up --detach',
  })
}

const shown = (home: Home): string => home.root.replace(homedir(), '~')
