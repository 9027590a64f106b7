import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A framework's buildpack, run as the platform runs it. */
export type BuildpackTrial = Disposable &
  Readonly<{
    /** A folder for apps; removed at the end. */
    folder: string
    /** Runs `bin/<program> <app> <cache> <env>`. */
    run: (program: string, app: string) => SpawnSyncReturns<string>
  }>

/**
 * Prepares what the platform gives to `bin/compile` in `HOKKU_FRAMEWORK_DIR`, with links where the
 * platform has copies.
 *
 * @param name folder under `frameworks/`
 *
 * @example
 * const trial = startBuildpackTrial('model')
 * after(() => trial[Symbol.dispose]())
 * assert.equal(trial.run('detect', app).status, 0)
 */
export function startBuildpackTrial(name: string): BuildpackTrial {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-buildpack-'))
  const framework = join(folder, 'framework')
  const source = join(ROOT, 'frameworks', name)
  mkdirSync(framework)
  symlinkSync(realpathSync(process.execPath), join(framework, 'node'))
  for (const part of ['kit', 'postgres', 'node_modules'])
    symlinkSync(join(ROOT, part), join(framework, part))
  cpSync(source, join(framework, name), {
    recursive: true,
    filter: (path) => !NOT_IN_SLUGS.test(path.slice(source.length)),
  })
  const settings = [join(folder, 'cache'), join(folder, 'env')]
  return {
    folder,
    run: (program, app) =>
      spawnSync(join(source, 'buildpack/bin', program), [app, ...settings], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: folder, HOKKU_FRAMEWORK_DIR: framework },
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

const ROOT = join(import.meta.dirname, '..')

const NOT_IN_SLUGS = /node_modules|fixtures|\.(system|test|slow)\.ts$/
