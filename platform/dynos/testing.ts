import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { homeAt, openStore, type App, type Home, type Release, type Store } from '../store/index.ts'
import type { Dynos } from './contract.ts'
import { openDynos } from './dynos.ts'
import type { DynosEffects } from './effects.ts'
import { openLocalEngine } from './local/engine.ts'
import { openSandbox, type Sandbox } from './local/sandbox.ts'

/**
 * A home with a store, a real local engine and real dynos. Logs are kept in memory; the router is
 * a note of what it was told.
 */
export type DynosWorld = Readonly<{
  home: Home
  store: Store
  sandbox: Sandbox
  /** `web.1: State changed from starting to up`, platform and app lines as they came. */
  lines: string[]
  /** Instance ids in each table that was published, oldest first. */
  tables: string[][]
  dynos: Dynos
  app: App
  /** Adds a succeeded release of a slug with these files and process types. */
  release: (processTypes: Record<string, string>, files?: Record<string, string>) => Release
  scale: (type: string, quantity: number, size?: string) => void
  /** A second plane on the same home, as after a SIGKILL of the first. */
  reopen: () => Promise<Dynos>
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
  const lines: string[] = []
  const tables: string[][] = []
  const open = async (): Promise<Dynos> => {
    const dynos: Dynos = await openDynos({
      store,
      home,
      engine: openLocalEngine({ home, sandbox, slugs }),
      logs: memoryLogs(lines),
      endpoints: () => ({}),
      route: async () => void tables.push(dynos.routed(app.id).instances.map(({ id }) => id)),
      drain: async (ids) => void lines.push(`router: drained ${ids.length}`),
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
    scale(type, quantity, size = 'Basic') {
      store.formations.set(app.id, { type, quantity, size, command: '' })
    },
    async reopen() {
      await dynos.close()
      dynos = await open()
      return dynos
    },
    async close() {
      await dynos.stopAll()
      await dynos.close()
      store.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

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

/** Reads followed files as the real room does, but only when it lets go of them. */
function memoryLogs(lines: string[]): DynosEffects['logs'] {
  const followed = new Map<string, { process: string; file: string }>()
  return {
    write: (_appId, _source, name, message) => void lines.push(`${name}: ${message}`),
    follow: ({ id, process: name, file }) => void followed.set(id, { process: name, file }),
    async unfollow(id) {
      const output = followed.get(id)
      followed.delete(id)
      if (output === undefined) return
      const { readFile } = await import('node:fs/promises')
      const text = await readFile(output.file, 'utf8').catch(() => '')
      for (const line of text.split('\n').filter(Boolean)) {
        lines.push(`app ${output.process}: ${line}`)
      }
    },
  }
}
