import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

/**
 * Trees that an app's programs can write are read, moved, packed and removed by `platform/sandbox`
 * alone: it follows no link. Rooms that handle such trees may open files by path only here, where
 * every path is the platform's own, for the reason given.
 */
const OWN_FILES: Readonly<Record<string, string>> = {
  'platform/builds/builds.ts': 'outputs of builds, and the folder of trees as a whole',
  'platform/builds/compile/catalogue.ts': 'built-in buildpacks in the checkout',
  'platform/builds/compile/environment.ts': 'certificate files of the machine',
  'platform/builds/compile/interpreters.ts': 'folders of version managers of the machine',
  'platform/builds/compile/fetch-buildpack.ts': 'the text of a program that runs in the sandbox',
  'platform/builds/compile/workspace.ts':
    'empty folders, config vars, copies of built-in buildpacks',
  'platform/builds/disk.ts': 'free space of the home',
  'platform/builds/leftover.ts': 'the note of a process, in the folder of a build',
  'platform/builds/output-file.ts': 'the output of a build',
  'platform/builds/runtime/framework-runtime.ts': 'runtimes, made from the checkout',
  'platform/builds/runtime/installed-buildpacks.ts': 'runtimes, made from the checkout',
  'platform/builds/runtime/make-folder.ts': 'runtimes, made from the checkout',
  'platform/builds/runtime/node-runtime.ts': 'runtimes, made from the checkout',
  'platform/builds/runtime/packages.ts': 'runtimes, made from the checkout',
  'platform/builds/setup/postdeploy.ts': 'the output of a dyno',
  'platform/git/lfs-objects.ts': 'files of Git LFS, under checksums',
  'platform/slugs/archive.ts': 'packed layers',
  'platform/slugs/keep-tree.ts': 'notes about packed layers, runtimes',
  'platform/slugs/layer-store.ts': 'folders of layers as a whole',
  'platform/slugs/prune.ts': 'names of layers',
  'platform/slugs/slugs.ts': 'the folder of a new tree',
  'platform/builds/source/fetch-source.ts': 'the folder of a new tree',
  'platform/builds/source/sources.ts': 'uploads',
  'platform/builds/source/tarball.ts': 'uploads, and the names at the top of a new tree',
  'platform/dynos/local/cgroups.ts': 'control groups',
  'platform/dynos/local/deleted-files.ts': '/proc',
  'platform/dynos/local/engine.ts': 'folders and outputs of new dynos',
  'platform/dynos/local/file-system.ts': 'folders of new dynos',
  'platform/dynos/local/instance-files.ts': 'records of dynos',
  'platform/dynos/local/instances.ts': 'exit statuses of dynos',
  'platform/dynos/local/listening.ts': '/proc',
  'platform/dynos/local/memory.ts': '/proc',
  'platform/dynos/local/process-table.ts': '/proc',
  'platform/dynos/local/terminal.ts': 'a script in the folder of a dyno',
  'platform/dynos/port-leases.ts': '/proc',
  'platform/dynos/rendezvous/rendezvous.ts': 'the socket of the control plane',
  'platform/git/repository.ts': 'bare repositories and the hook',
  'platform/git/submodules.ts': 'bare repositories',
}

const ROOT = join(import.meta.dirname, '..')
const handlers = globSync('platform/{builds,dynos,git,slugs}/**/*.ts', { cwd: ROOT })
  // Buildpacks run inside the sandbox, as the app's user.
  .filter(
    (path) =>
      !/\.(test|system|slow)\.ts$|testing\.ts|test-[\w-]+\.ts|fixtures|conformance|buildpacks\//.test(
        path,
      ),
  )
  .filter((path) => /'node:fs(\/promises)?'/.test(readFileSync(join(ROOT, path), 'utf8')))

test('app trees are reached through platform/sandbox only', () => {
  const around = handlers
    .filter((path) => OWN_FILES[path] === undefined)
    .map(
      (path) => `${path} imports node:fs: use platform/sandbox, or say here which files it opens`,
    )

  assert.deepEqual(around, [])
})

test('the list of files that open the platform’s own paths is current', () => {
  const gone = Object.keys(OWN_FILES).filter((path) => !handlers.includes(path))

  assert.deepEqual(gone, [])
})
