import { execFile, spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Slugs } from '../../slugs/index.ts'
import type { Slug } from '../../store/index.ts'
import type { AppUser } from '../../sandbox/index.ts'
import { overlayOptions, type Mount } from '../../sandbox/index.ts'
import type { InstanceFiles } from './instance-files.ts'

/** Where a dyno's file system comes from. */
export type FileSystems = Readonly<{
  /** How `/app` is made: `overlay` and `copy` are the dyno's own, `shared` is one tree a slug. */
  kind: 'overlay' | 'copy' | 'shared'
  prepare: (slug: Slug) => Promise<void>
  mounts: (slug: Slug, files: InstanceFiles, owner: AppUser | null) => Promise<Mount[]>
}>

export type FileSystemOptions = Readonly<{
  /** False: plain mode, where a slug lies at one stable path. */
  isolated: boolean
  dynosFolder: string
  /** Whether overlayfs works; found out by trying unless given. */
  canStack?: boolean
}>

export function openFileSystems(
  slugs: Pick<Slugs, 'layers' | 'materialise'>,
  options: FileSystemOptions,
): FileSystems {
  if (!options.isolated) {
    return {
      kind: 'shared',
      prepare: async (slug) => void (await slugs.materialise(slug)),
      mounts: async (slug, files) => [
        { mode: 'rw', from: await slugs.materialise(slug), to: '/app' },
        { mode: 'rw', from: files.tmp, to: '/tmp' },
      ],
    }
  }
  const kind = (options.canStack ?? overlayWorks(options.dynosFolder)) ? 'overlay' : 'copy'
  return {
    kind,
    prepare: async (slug) => void (await slugs.layers(slug)),
    mounts: async (slug, files, owner) => {
      const layers = await slugs.layers(slug)
      const tmp: Mount = { mode: 'rw', from: files.tmp, to: '/tmp' }
      if (kind === 'overlay') {
        return [{ mode: 'overlay', layers, private: files.private, to: '/app' }, tmp]
      }
      await copyLayers(layers, files.private, owner)
      return [{ mode: 'rw', from: files.private, to: '/app' }, tmp]
    },
  }
}

/** By trying: overlayfs refuses some file systems, e.g. another overlay in a container. */
function overlayWorks(dynosFolder: string): boolean {
  const trial = mkdtempSync(join(dynosFolder, 'trial-'))
  try {
    for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(trial, name))
    const mount = { mode: 'overlay', layers: [join(trial, 'lower')], private: trial } as const
    const options = overlayOptions({ ...mount, to: '/app' })
    const script = 'mount -t overlay overlay -o "$1" "$2"'
    const merged = join(trial, 'merged')
    const args = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', options, merged]
    return spawnSync('unshare', args).status === 0
  } finally {
    rmSync(trial, { recursive: true, force: true })
  }
}

async function copyLayers(
  layers: readonly string[],
  target: string,
  owner: AppUser | null,
): Promise<void> {
  mkdirSync(target, { recursive: true })
  for (const layer of layers) {
    await promisify(execFile)('cp', ['-a', '--reflink=auto', `${layer}/.`, target])
  }
  if (owner !== null) chownSync(target, owner.uid, owner.uid)
}
