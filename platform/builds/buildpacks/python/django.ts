import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import { step } from '#buildpack/print'
import { run } from '#buildpack/run'
import type { Places } from '#buildpack/uv'

/**
 * Collects the static files of a Django project, as Heroku does: pages that name them answer 500
 * without.
 */
export function collectStatic(packages: ReadonlySet<string>, { tree, env }: Places): void {
  if (!packages.has('django')) return
  const disabled = env['DISABLE_COLLECTSTATIC'] ?? '0'
  if (disabled !== '0' && disabled !== '') {
    return step('Skipping Django collectstatic: DISABLE_COLLECTSTATIC is set')
  }
  const manage = findManage(tree)
  if (manage === undefined) return step('Skipping Django collectstatic: there is no manage.py')
  step(`Running python ${manage} collectstatic --noinput`)
  const command = ['python', manage, 'collectstatic', '--noinput', '--traceback']
  if (run(command, { cwd: tree, env: { PYTHONPATH: '.', ...env } })) return
  throw new Rejected(
    `python ${manage} collectstatic failed; its message is above. To build without it: heroku config:set DISABLE_COLLECTSTATIC=1`,
  )
}

/** The topmost `manage.py`, at most two folders down. */
function findManage(tree: string): string | undefined {
  let folders = ['']
  for (let depth = 0; depth < 3; depth++) {
    const found = folders.find((folder) => existsSync(join(tree, folder, 'manage.py')))
    if (found !== undefined) return join(found, 'manage.py')
    folders = folders.flatMap((folder) =>
      readdirSync(join(tree, folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
        .map((entry) => join(folder, entry.name)),
    )
  }
  return undefined
}
