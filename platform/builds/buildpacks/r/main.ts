import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { compile, Rejected } from '#buildpack/compile'
import { readConfigVars } from '#buildpack/config-vars'
import { noteWeb } from '#buildpack/default-web'
import { note, say, step, warn } from '#buildpack/print'
import { ask, copyFolder, run } from '#buildpack/run'
import type { Places } from '#buildpack/uv'
import { rEnvironment, writeProfile } from './environment.ts'
import { loadedPackages, parsePackrat, parseRenv, type LockFile } from './packages.ts'
import { webOf } from './web.ts'

const PACK = import.meta.dirname

/** `bin/compile` of the R buildpack: packages go to `.R/library`, kept while what asks for them is. */
compile(process.argv.slice(2), ({ tree, cache, env: envFolder }) => {
  writeProfile(tree, PACK)
  const at = {
    tree,
    cache,
    env: rEnvironment({ ...process.env, ...readConfigVars(envFolder) }, tree),
  }
  const version = ask(['Rscript', '--vanilla', '-e', 'cat(as.character(getRversion()))'], {
    cwd: cache,
    env: at.env,
    quiet: true,
  })
  if (version === undefined) {
    throw new Rejected(
      'There is no R on this machine. Install it where hokku runs, for example on Debian: apt-get install r-base-core r-base-dev',
    )
  }
  step(`Using R ${version}`)
  note(PACK, `R ${version}`)
  const textOf = (name: string): string | undefined =>
    existsSync(join(tree, name)) ? readFileSync(join(tree, name), 'utf8') : undefined
  const library = join(tree, '.R/library')
  const kept = join(cache, 'R', keyOf([version, textOf('init.R'), textOf('init.r')]))
  copyFolder(kept, library)
  mkdirSync(library, { recursive: true })
  installLocked(lockFile(textOf), at)
  const init = ['init.R', 'init.r'].find((name) => textOf(name) !== undefined)
  if (init !== undefined) {
    step(`Running ${init}`)
    if (!run(['Rscript', init], { cwd: tree, env: at.env })) {
      throw new Rejected(`${init} failed; its message is above.`)
    }
  }
  rmSync(join(cache, 'R'), { recursive: true, force: true })
  mkdirSync(join(cache, 'R'), { recursive: true })
  copyFolder(library, kept)
  tellMissing(at)
  noteWeb(webOf(textOf), tree, PACK, 'Rscript app.R')
})

function keyOf(parts: readonly (string | undefined)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

/** @throws Rejected for a file that cannot be read */
function lockFile(textOf: (name: string) => string | undefined): LockFile {
  const renv = textOf('renv.lock')
  const packrat = textOf('packrat/packrat.lock')
  try {
    if (renv !== undefined) return parseRenv(renv)
  } catch (error) {
    throw new Rejected(
      `renv.lock is not valid JSON: ${error instanceof Error ? error.message : ''}`,
    )
  }
  return packrat === undefined ? { packages: [], foreign: [] } : parsePackrat(packrat)
}

function installLocked({ packages, foreign }: LockFile, { tree, cache, env }: Places): void {
  if (foreign.length > 0) {
    throw new Rejected(
      `The lock file names packages that are not on CRAN: ${foreign.join(', ')}. Install them in init.R, for example with remotes::install_github, and take them out of the lock file.`,
    )
  }
  if (packages.length === 0) return
  step(`Installing ${packages.length} packages of the lock file`)
  const mirror = env['CRAN_MIRROR'] ?? 'https://cloud.r-project.org'
  const folder = join(cache, 'R-archives')
  const wanted = packages.map(({ name, version }) => `${name}=${version}`)
  takeOwnArchives(join(tree, 'packrat/src'), join(folder, 'src/contrib'))
  const script = ['Rscript', '--no-init-file', join(PACK, 'install-locked.R'), mirror, folder]
  if (run([...script, join(tree, '.R/library'), ...wanted], { cwd: cache, env })) return
  throw new Rejected(
    'The packages of the lock file could not be installed; the message is above. They come from CRAN_MIRROR: heroku config:set CRAN_MIRROR=https://…',
  )
}

/** packrat keeps archives in the repository. */
function takeOwnArchives(from: string, to: string): void {
  if (!existsSync(from)) return
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.tar.gz')) copyFileSync(join(from, name), join(to, basename(name)))
  }
}

/** Says which packages the programs load that are nowhere: R itself says so when the app starts. */
function tellMissing({ tree, env }: Places): void {
  const folders = ['.', 'R'].filter((folder) => existsSync(join(tree, folder)))
  const files = folders.flatMap((folder) =>
    readdirSync(join(tree, folder), { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[rR](?:md)?$/.test(entry.name))
      .map(({ name }) => join(tree, folder, name)),
  )
  const loaded = files.flatMap((file) => loadedPackages(readFileSync(file, 'utf8')))
  const list = ask(['Rscript', '-e', 'cat(rownames(installed.packages()), sep="\\n")'], {
    cwd: tree,
    env,
  })
  const here = new Set((list ?? '').split('\n'))
  const missing = [...new Set(loaded)].filter((name) => name !== 'renv' && !here.has(name))
  if (missing.length === 0) return say('All packages that the programs load are installed')
  const [first = ''] = missing
  warn(
    `These packages are loaded, but not installed: ${missing.join(', ')}.\nAdd them to init.R: install.packages("${first}"), or as Debian has them to Aptfile: r-cran-${first.toLowerCase()}`,
  )
}
