import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeBundle } from './bundle.ts'
import type { Authority } from './contract.ts'
import { openLeaf, type Leaf } from './leaf.ts'
import { writeUnlessSame } from './pem-files.ts'
import { openRoot } from './root.ts'
import { serverNamesOf, type ServerNames } from './server-name.ts'

export type AuthorityEffects = Readonly<{
  now?: () => Date
  /**
   * PEM files that the user trusts besides the system's, e.g. `NODE_EXTRA_CA_CERTS`. Who gives
   * them (even none) writes the bundle anew; others make it only where there is none.
   */
  trusted?: readonly string[]
}>

/**
 * Opens the certificate authority of an installation, making it on first use. Several processes
 * may hold the same directory: the first one's root counts.
 *
 * Keys are readable by the owner only; root and bundle by everyone.
 */
export async function openAuthority(
  directory: string,
  effects: AuthorityEffects = {},
): Promise<Authority> {
  const now = effects.now ?? (() => new Date())
  const leaves = join(directory, 'leaves')
  await mkdir(leaves, { recursive: true, mode: 0o755 })
  const root = await openRoot(directory, now())
  const rootFile = join(directory, 'root.pem')
  const bundleFile = join(directory, 'bundle.pem')
  await writeUnlessSame(rootFile, root.certPem)
  await writeBundle(bundleFile, root.certPem, effects.trusted)

  const known = new Map<string, Promise<Leaf>>()
  const fileOf = ({ file }: ServerNames): string => join(leaves, `${file}.pem`)
  const leafOf = async (names: ServerNames): Promise<Leaf> => {
    const leaf = known.get(names.file)
    if (leaf !== undefined && (await leaf).renewAt > now().getTime()) return leaf
    const next = openLeaf(fileOf(names), names, root, now())
    known.set(names.file, next)
    if (known.size > LEAVES_IN_MEMORY_MAX) known.delete(known.keys().next().value ?? '')
    next.catch(() => known.delete(names.file))
    return next
  }
  return {
    rootFile,
    bundleFile,
    leaf: async (name) => {
      const { certPem, keyPem } = await leafOf(serverNamesOf(name))
      return { certPem, keyPem }
    },
    leafFiles: async (name) => {
      const names = serverNamesOf(name)
      await leafOf(names)
      return { certFile: fileOf(names), keyFile: fileOf(names) }
    },
  }
}

const LEAVES_IN_MEMORY_MAX = 1000
