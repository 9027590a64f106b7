import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { problem } from '../../store/index.ts'
import { isInstalled, SOURCE, type HerokuCli } from './heroku-cli.ts'
import { withInstallLock } from './install-lock.ts'
import type { NpmResult } from './npm.ts'

/** What an installation needs of the world. */
export type InstallEffects = Readonly<{
  /** `npm ci` in a folder that has a `package.json` and a lock file. */
  npmCi: (folder: string) => Promise<NpmResult>
  /** A sentence for the user; never on standard output, which `eval "$(hokku env)"` reads. */
  say: (line: string) => void
}>

/**
 * Installs the official CLI unless it is there: into a temporary folder that is renamed when it is
 * complete, one process at a time. Older versions are removed afterward.
 *
 * @throws Problem `heroku_cli_missing` with the command that tries again
 */
export async function installHerokuCli(cli: HerokuCli, effects: InstallEffects): Promise<void> {
  if (isInstalled(cli)) return
  const parent = dirname(cli.folder)
  await mkdir(parent, { recursive: true, mode: 0o755 })
  await withInstallLock(parent, effects.say, async () => {
    // Another process may have installed it while this one waited.
    if (isInstalled(cli)) return
    await removeAllBut([], parent)
    effects.say(`Installing the Heroku CLI ${cli.version}: once, about 400 MB.`)
    const temporary = `${cli.folder}.${randomUUID()}.tmp`
    await mkdir(temporary, { mode: 0o755 })
    for (const name of ['package.json', 'package-lock.json']) {
      await copyFile(join(SOURCE, name), join(temporary, name))
    }
    const result = await effects.npmCi(temporary)
    if (!result.isDone) {
      await rm(temporary, { recursive: true, force: true })
      throw notInstalled(result)
    }
    await rename(temporary, cli.folder)
    await removeAllBut([basename(cli.folder)], parent)
  })
}

/** Removes what killed installations and, if `kept` says so, older versions have left. */
async function removeAllBut(kept: readonly string[], parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const isLeftover = kept.length === 0 ? name.endsWith('.tmp') : !kept.includes(name)
    if (isLeftover && /^\d/.test(name)) await rm(join(parent, name), { recursive: true })
  }
}

function notInstalled({ isOffline, output }: NpmResult): Error {
  const again = 'Try again with: hokku heroku version'
  return isOffline
    ? problem(
        'heroku_cli_missing',
        'The Heroku CLI is not installed yet, and the package registry cannot be reached.',
        { hint: again },
      )
    : problem('heroku_cli_missing', `The Heroku CLI could not be installed: ${output}`, {
        hint: again,
      })
}
