import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createProgress } from '@hokku/kit/command-line'
import { herokuCli, isInstalled, type HerokuCli } from './heroku-cli.ts'
import { installHerokuCli } from './install.ts'
import { npmCi } from './npm.ts'

/**
 * The official CLI, installed if this is its first use; with progress on standard error.
 *
 * @param parent folder for all versions, `Home.heroku`
 * @throws Problem `heroku_cli_missing`
 */
export async function ensureHerokuCli(parent: string, env: NodeJS.ProcessEnv): Promise<HerokuCli> {
  const cli = herokuCli(parent)
  if (isInstalled(cli)) return cli
  await installHerokuCli(cli, {
    say: (line) => console.error(line),
    npmCi: async (folder) => {
      const progress = createProgress('Packages', undefined)
      const timer = setInterval(() => {
        void countPackages(folder).then(progress.update)
      }, PROGRESS_MS)
      const result = await npmCi(folder, env)
      clearInterval(timer)
      progress.finish()
      return result
    },
  })
  return cli
}

const PROGRESS_MS = 500

/** Folders that npm has put in place so far; scopes count as one. */
const countPackages = async (folder: string): Promise<number> =>
  (await readdir(join(folder, 'node_modules')).catch(() => [])).length
