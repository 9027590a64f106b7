import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { webConcurrency } from '#buildpack/web-concurrency'

/** Writes what dynos, and the buildpacks that run after this one, find in their environment. */
export function writeProfile(tree: string, pack: string): void {
  mkdirSync(join(tree, '.profile.d'), { recursive: true })
  writeFileSync(join(tree, '.profile.d/python.sh'), PROFILE)
  writeFileSync(join(pack, 'export'), `export PATH="${tree}/.heroku/python/bin:$PATH"\n`)
}

/** What Heroku's buildpack sets: programs and Gunicorn behave as documents about it say. */
const PROFILE = `export PATH="$HOME/.heroku/python/bin:$PATH"
export PYTHONUNBUFFERED=true
export PYTHONPATH="\${PYTHONPATH:-$HOME}"
export LANG="\${LANG:-C.UTF-8}"
export FORWARDED_ALLOW_IPS="\${FORWARDED_ALLOW_IPS:-*}"
export GUNICORN_CMD_ARGS="\${GUNICORN_CMD_ARGS:---access-logfile -}"
${webConcurrency('256')}`
