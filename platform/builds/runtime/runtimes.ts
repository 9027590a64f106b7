import type { Home } from '../../store/index.ts'
import { builtIns, type BuiltIn } from '../compile/catalogue.ts'
import { frameworkRuntime } from './framework-runtime.ts'
import { installBuildpacks, type InstalledBuiltIn } from './installed-buildpacks.ts'
import { nodeRuntime } from './node-runtime.ts'

/** What of hokku itself builds and slugs take in, copied to where they can see it. */
export type Runtimes = Readonly<{
  builtIns: readonly BuiltIn[]
  /** Folder with `bin/node` and npm. */
  node: () => Promise<string>
  buildpacks: () => Promise<readonly InstalledBuiltIn[]>
  /** Folder that `bin/compile` of a framework gets as `HOKKU_FRAMEWORK_DIR`. */
  framework: (name: string) => Promise<string>
}>

/** @param root folder of this repository */
export function openRuntimes(home: Home, root: string, version: string): Runtimes {
  const known = builtIns(root)
  const node = once(() => nodeRuntime(home))
  const buildpacks = once(() => installBuildpacks(home, known))
  const frameworks = new Map<string, () => Promise<string>>()
  return {
    builtIns: known,
    node,
    buildpacks,
    framework(name) {
      const make =
        frameworks.get(name) ?? once(() => frameworkRuntime({ home, root, version, name }))
      frameworks.set(name, make)
      return make()
    },
  }
}

/** Does work when it is first asked for; a failure is forgotten, so that the next call tries again. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined
  return () => {
    started ??= work().catch((error: unknown) => {
      started = undefined
      throw error
    })
    return started
  }
}
