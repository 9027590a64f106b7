import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BIN_FOLDERS } from './environment.ts'
import { webConcurrency } from '#buildpack/web-concurrency'

/** Writes what dynos, and the buildpacks that run after this one, find in their environment. */
export function writeProfile(tree: string, pack: string): void {
  mkdirSync(join(tree, '.profile.d'), { recursive: true })
  writeFileSync(join(tree, '.profile.d/nodejs.sh'), PROFILE)
  writeFileSync(
    join(pack, 'export'),
    `${pathLine(tree)}\nexport NODE_HOME="${tree}/.heroku/node"\n`,
  )
}

const pathLine = (home: string): string =>
  `export PATH="${BIN_FOLDERS.map((path) => `${home}/${path}`).join(':')}:$PATH"`

const PROFILE = `${pathLine('$HOME')}
export NODE_HOME="$HOME/.heroku/node"
export NODE_ENV="\${NODE_ENV:-production}"
export npm_config_update_notifier="\${npm_config_update_notifier:-false}"
${webConcurrency('${WEB_MEMORY:-512}')}`
