import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { homeAt, type Slug } from '../../store/index.ts'
import { openLocalEngine } from '../local/engine.ts'
import { openSandbox } from '../../sandbox/index.ts'
import { APP, LIMITS, type EngineSubject } from './world.ts'

/** The local engine in its own home. Slugs are one folder each, owned by the test's app. */
export async function localSubject(forcePlain: boolean): Promise<EngineSubject> {
  const root = mkdtempSync(join(tmpdir(), 'hokku-engine-'))
  const home = homeAt(root)
  const sandbox = openSandbox({ home, path: PATH, forcePlain })
  const folderOf = (slug: Pick<Slug, 'id'>): string => join(root, 'slugs', slug.id)
  const slugs = {
    layers: async (slug: Slug) => [folderOf(slug)],
    materialise: async (slug: Slug) => folderOf(slug),
  }
  const secretFile = join(root, 'key')
  writeFileSync(secretFile, 'secret', { mode: 0o600 })
  return {
    ownUsers: sandbox.user(APP) !== null,
    secretFile,
    open: async () => openLocalEngine({ home, sandbox, slugs }),
    async makeSlug(files, script = 'true') {
      const slug = { ...SLUG, id: randomUUID() }
      const folder = folderOf(slug)
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        writeFileSync(join(folder, name), text)
      }
      mkdirSync(folder, { recursive: true })
      chmodSync(dirname(folder), 0o711)
      build(folder, script)
      return slug
    },
    client(request) {
      const { id, command, slugId } = request
      const own = { id, command, appId: APP, name: 'web.1', env: {}, limits: LIMITS }
      const spec = { ...own, slug: { ...SLUG, id: slugId } }
      const client = join(import.meta.dirname, 'client.ts')
      return [process.execPath, client, JSON.stringify({ root, forcePlain, request, spec })]
    },
    remove: async () => rmSync(root, { recursive: true, force: true }),
  }

  /** As a build does it: at the path and as the user of later starts. */
  function build(folder: string, script: string): void {
    const owner = sandbox.user(APP)
    if (owner !== null) spawnSync('chown', ['-R', `${owner.uid}:${owner.uid}`, folder])
    const { file, args, env, options } = sandbox.command({
      appId: APP,
      mounts: [{ from: folder, to: '/app', mode: 'rw' }],
      cwd: '/app',
      env: {},
      command: ['bash', '-c', script],
      hostname: 'build',
    })
    const { status, stderr } = spawnSync(file, args, { ...options, env })
    if (status !== 0) throw new Error(`the build failed: ${stderr.toString()}`)
  }
}

/** Not the machine's own: a developer's PATH may lead into folders that apps cannot enter. */
const PATH = '/usr/local/bin:/usr/bin:/bin'

const SLUG: Slug = {
  id: '',
  appId: APP,
  commit: null,
  commitDescription: null,
  buildpackDescription: null,
  checksum: null,
  size: null,
  stack: 'heroku-24',
  processTypes: {},
  manifest: null,
  createdAt: '',
  updatedAt: '',
}
