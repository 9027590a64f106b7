import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What R finds in a build: the app's library, and where packages come from. */
export function rEnvironment(given: NodeJS.ProcessEnv, tree: string): NodeJS.ProcessEnv {
  const apt = join(tree, '.apt/usr/lib/R/site-library')
  return {
    ...given,
    R_LIBS_USER: join(tree, '.R/library'),
    ...(existsSync(apt) ? { R_LIBS: apt } : {}),
    R_PROFILE: join(tree, '.R/Rprofile.site'),
    // The build does what renv would do when R starts.
    RENV_CONFIG_AUTOLOADER_ENABLED: 'FALSE',
  }
}

/** The same for its dynos. */
export function writeProfile(tree: string, pack: string): void {
  mkdirSync(join(tree, '.profile.d'), { recursive: true })
  mkdirSync(join(tree, '.R'), { recursive: true })
  copyFileSync(join(pack, 'Rprofile.site'), join(tree, '.R/Rprofile.site'))
  writeFileSync(join(tree, '.profile.d/r.sh'), PROFILE)
}

const PROFILE = `export R_LIBS_USER="$HOME/.R/library" R_PROFILE="$HOME/.R/Rprofile.site"
export RENV_CONFIG_AUTOLOADER_ENABLED=FALSE
[ ! -d "$HOME/.apt/usr/lib/R/site-library" ] || export R_LIBS="$HOME/.apt/usr/lib/R/site-library"
`
