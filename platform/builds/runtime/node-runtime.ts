import { chmod, copyFile, cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Home } from '../../store/index.ts'
import { makeFolder } from './make-folder.ts'

/**
 * Node and npm as slugs and builds use them: `bin/{node,npm,npx}` and `lib/node_modules/npm`,
 * copied once from what hokku itself runs with, because dynos cannot see its folder.
 *
 * @returns the folder, which never changes under this name
 */
export async function nodeRuntime(home: Pick<Home, 'runtime'>): Promise<string> {
  const npm = dirname(createRequire(import.meta.url).resolve('npm/package.json'))
  const { version } = JSON.parse(await readFile(join(npm, 'package.json'), 'utf8')) as {
    version: string
  }
  const folder = join(home.runtime, `node-${process.versions.node}-npm-${version}`)
  return await makeFolder(folder, async (temporary) => {
    await mkdir(join(temporary, 'bin'), { mode: 0o755 })
    await copyFile(process.execPath, join(temporary, 'bin/node'))
    await chmod(join(temporary, 'bin/node'), 0o755)
    await cp(npm, join(temporary, 'lib/node_modules/npm'), { recursive: true, dereference: true })
    for (const name of ['npm', 'npx']) {
      const script = `lib/node_modules/npm/bin/${name}-cli.js`
      await chmod(join(temporary, script), 0o755)
      await symlink(`../${script}`, join(temporary, 'bin', name))
    }
  })
}
