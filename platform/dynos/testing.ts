import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLogs } from '../logs/index.ts'
import { homeAt, openStore, type App, type Home, type Release, type Store } from '../store/index.ts'
import type { Dynos } from './contract.ts'
import { openDynos } from './dynos.ts'
import type { DynosEffects } from './effects.ts'
import { openLocalEngine } from './local/engine.ts'
import { openSandbox, type Sandbox } from '../sandbox/index.ts'

/**
 * A home with a store, real logs, a real local engine and real dynos. The router is a note of what
 * it received.
 */
export type DynosWorld = Readonly<{
  home: Home
  store: Store
  sandbox: Sandbox
  /** The log: `heroku[web.1]: State changed from starting to up`, oldest first. */
  lines: () => string[]
  /** Waits until a line of the log matches. */
  logged: (pattern: RegExp) => Promise<string>
  /** Instance ids in each table that was published, oldest first. */
  tables: string[][]
  dynos: Dynos
  app: App
  /** Adds a succeeded release of a slug with these files and process types. */
  release: (processTypes: Record<string, string>, files?: Record<string, string>) => Release
  /** Adds a file to the slug of a release, for its next start. */
  addFile: (release: Release, name: string, text: string) => void
  scale: (type: string, quantity: number, size?: string) => void
  /** A second control plane on the same home, as after a SIGKILL of the first. */
  reopen: () => Promise<Dynos>
  /** Another control plane after a restart of the whole machine: processes and boot id are gone. */
  reboot: () => Promise<Dynos>
  close: () => Promise<void>
}>

export async function openDynosWorld(
  effects: Partial<DynosEffects> & { forcePlain?: boolean } = {},
): Promise<DynosWorld> {
  const root = mkdtempSync(join(tmpdir(), 'hokku-dynos-'))
  const home = homeAt(root)
  const store = openStore(home)
  const account = store.accounts.create('owner@example.com')
  const app = store.apps.create('demo', account.id)
  const path = process.env['PATH'] ?? ''
  const sandbox = openSandbox({ home, path, forcePlain: effects.forcePlain === true })
  const folderOf = (slugId: string): string => join(root, 'slugs', slugId)
  const slugs = {
    layers: async ({ id }: { id: string }) => [folderOf(id)],
    materialise: async ({ id }: { id: string }) => folderOf(id),
  }
  let logs = openLogs({ home, store })
  const lines = (): string[] =>
    logs.recent(app.id, 1500).map((line) => line.replace(/^\S+ /, '').trimEnd())
  const tables: string[][] = []
  const open = async (): Promise<Dynos> => {
    const dynos: Dynos = await openDynos({
      store,
      home,
      engine: openLocalEngine({ home, sandbox, slugs }),
      logs,
      endpoints: () => ({}),
      route: async () => void tables.push(dynos.routed(app.id).instances.map(({ id }) => id)),
      drain: async () => {},
      certificatesFile: null,
      port: 8080,
      domain: 'localhost',
      ecoIdleMs: 60 * 60_000,
      ...effects,
      timeouts: { stopMs: 3000, hangUpMs: 1000, ...effects.timeouts },
    })
    return dynos
  }
  let dynos = await open()
  await dynos.adopt()
  return {
    home,
    store,
    sandbox,
    lines,
    logged: async (pattern) =>
      await until(`${pattern} in the log`, () => lines().find((line) => pattern.test(line)), lines),
    tables,
    get dynos() {
      return dynos
    },
    app,
    release(processTypes, files = {}) {
      const slug = store.slugs.create({ ...SLUG, appId: app.id, processTypes })
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folderOf(slug.id), name)), { recursive: true })
        writeFileSync(join(folderOf(slug.id), name), text)
      }
      mkdirSync(folderOf(slug.id), { recursive: true })
      const own = { appId: app.id, accountId: account.id, slugId: slug.id }
      return store.releases.create({ ...RELEASE, ...own, config: store.configVars.list(app.id) })
    },
    addFile: ({ slugId }, name, text) => writeFileSync(join(folderOf(slugId ?? ''), name), text),
    scale(type, quantity, size = 'Basic') {
      store.formations.set(app.id, { type, quantity, size, command: '' })
    },
    async reopen() {
      await dynos.close()
      await logs.close()
      logs = openLogs({ home, store })
      dynos = await open()
      return dynos
    },
    async reboot() {
      await dynos.close()
      for (const { id } of store.dynos.all()) {
        const file = join(home.dynos, 'instances', id, 'instance.json')
        const record = JSON.parse(readFileSync(file, 'utf8')) as { boot: string }
        const supervisor = readFileSync(join(home.dynos, 'instances', id, 'supervisor'), 'utf8')
        process.kill(Number.parseInt(supervisor, 10), 'SIGKILL')
        writeFileSync(file, JSON.stringify({ ...record, boot: 'an earlier one' }))
      }
      dynos = await open()
      return dynos
    },
    async close() {
      await dynos.stopAll()
      await dynos.close()
      await logs.close()
      store.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Asks until there is an answer; `story` says what was there instead. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  story: () => string[] = () => [],
): Promise<T> {
  for (const end = Date.now() + WAIT_MS_MAX; Date.now() < end; await sleep(20)) {
    const answer = await ask()
    if (answer !== undefined) return answer
  }
  throw new Error([`${what} did not come:`, ...story()].join('\n'))
}

const WAIT_MS_MAX = 20_000

const SLUG = {
  commit: '193d1419aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  commitDescription: 'Say hello',
  buildpackDescription: null,
  checksum: null,
  size: null,
  stack: 'heroku-24',
  manifest: null,
}

const RELEASE = {
  description: 'Deploy 193d1419',
  status: 'succeeded',
  outputSecret: null,
  addonPlans: [],
} as const
