import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

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
  `export PATH="${home}/.heroku/node/bin:${home}/.heroku/yarn/bin:${home}/.heroku/pnpm/bin:${home}/node_modules/.bin:$PATH"`

/** WEB_CONCURRENCY: as many web processes as memory allows; an app need not use it. */
const PROFILE = `${pathLine('$HOME')}
export NODE_HOME="$HOME/.heroku/node"
export NODE_ENV="\${NODE_ENV:-production}"
if [ -z "$WEB_CONCURRENCY" ] && [ -n "$MEMORY_AVAILABLE" ]; then
  export WEB_CONCURRENCY=$(( MEMORY_AVAILABLE / \${WEB_MEMORY:-512} ))
  [ "$WEB_CONCURRENCY" -ge 1 ] || export WEB_CONCURRENCY=1
fi
`
