import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Endpoints } from '../../store/index.ts'
import { createServerProcess, type ServerProcess } from '../server-process/index.ts'
import {
  accessRules,
  liveSettings,
  prepareRedis,
  readState,
  redisRoot,
  writeState,
  type RedisOptions,
  type RedisState,
} from './local-redis.ts'
import type { RedisPlan } from './plans.ts'
import { sendCommands } from './protocol.ts'
import type { RedisResource } from './resource.ts'

type Server = { process: ServerProcess; state: RedisState | undefined }

/**
 * A server for each add-on: Redis keeps no tenants apart, and a small one costs a few megabytes. Each
 * is found again by its folder below `HOKKU_HOME/redis`.
 */
export class RedisServers {
  readonly #options: RedisOptions
  readonly #servers = new Map<string, Server>()

  constructor(options: RedisOptions) {
    this.#options = options
  }

  /** Brings up all that there are. */
  async start(): Promise<void> {
    const names = await readdir(redisRoot(this.#options.home)).catch(() => [])
    await Promise.all(names.map((name) => this.#server(name).process.start()))
  }

  /** Makes a server as it is to be, running or not. */
  async ensure(resource: RedisResource, plan: RedisPlan): Promise<void> {
    const { home } = this.#options
    const before = await readState(home, resource.name)
    await writeState(home, resource, plan)
    const server = this.#server(resource.name)
    await server.process.start()
    const state = await readState(home, resource.name)
    server.state = state
    if (state === undefined || before === undefined) return
    await adjust(state, before)
  }

  async remove({ name }: RedisResource): Promise<void> {
    const { home } = this.#options
    await this.#server(name).process.stop()
    this.#servers.delete(name)
    await rm(join(redisRoot(home), name), { recursive: true, force: true })
    await rm(join(home.logs, `redis-${name}.log`), { force: true })
  }

  /** Facts as Redis itself has them, e.g. `used_memory`. */
  async facts({ name, adminPassword }: RedisResource): Promise<ReadonlyMap<string, string>> {
    const state = await readState(this.#options.home, name)
    const [, text = ''] = await sendCommands(state?.port ?? 0, [
      ['AUTH', 'hokku', adminPassword],
      ['INFO'],
    ])
    return new Map(
      text.split('\r\n').flatMap((line) => {
        const colon = line.indexOf(':')
        return colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const]
      }),
    )
  }

  async resetStatistics({ name, adminPassword }: RedisResource): Promise<void> {
    const state = await readState(this.#options.home, name)
    await sendCommands(state?.port ?? 0, [
      ['AUTH', 'hokku', adminPassword],
      ['CONFIG', 'RESETSTAT'],
    ])
  }

  endpoints(): Endpoints {
    return Object.fromEntries(
      [...this.#servers].flatMap(([name, { state }]) =>
        state === undefined
          ? []
          : [
              [`redis-${name}`, `127.0.0.1:${state.port}`],
              [`redis-${name}-tls`, `127.0.0.1:${state.tlsPort}`],
            ],
      ),
    )
  }

  close(): void {
    for (const { process } of this.#servers.values()) process.close()
  }

  #server(name: string): Server {
    const known = this.#servers.get(name)
    if (known !== undefined) return known
    const server: Server = {
      state: undefined,
      process: createServerProcess({
        name: `redis-${name}`,
        home: this.#options.home,
        prepare: async () => {
          const { state, launch } = await prepareRedis(this.#options, name)
          server.state = state
          return launch
        },
        isReady: async () => {
          server.state ??= await readState(this.#options.home, name)
          return server.state !== undefined && (await answers(server.state))
        },
        startMsMax: 60_000,
      }),
    }
    this.#servers.set(name, server)
    return server
  }
}

async function answers({ port, resource }: RedisState): Promise<boolean> {
  try {
    await sendCommands(port, [['AUTH', 'hokku', resource.adminPassword], ['PING']])
    return true
  } catch {
    return false
  }
}

/** Has a running server take over passwords and settings; connections with an old password end. */
async function adjust(state: RedisState, before: RedisState): Promise<void> {
  const { resource } = state
  const isRotated = resource.password !== before.resource.password
  await sendCommands(state.port, [
    ['AUTH', 'hokku', before.resource.adminPassword],
    ...Object.entries(liveSettings(state)).map(([name, value]) => ['CONFIG', 'SET', name, value]),
    ...accessRules(resource).map((rule) => ['ACL', 'SETUSER', ...rule]),
    ...(isRotated ? [['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']] : []),
  ])
}
