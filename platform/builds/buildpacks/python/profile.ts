import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { webConcurrency } from '#buildpack/web-concurrency'

/** Writes what dynos, and the buildpacks that run after this one, find in their environment. */
export function writeProfile(tree: string, pack: string): void {
  mkdirSync(join(tree, '.profile.d'), { recursive: true })
  writeFileSync(join(tree, '.profile.d/python.sh'), PROFILE)
  writeFileSync(
    join(pack, 'export'),
    `export PATH="${tree}/.heroku/python/bin:$PATH"\n${libraries(tree)}`,
  )
}

/** A Python that was copied into the app finds its own library there. */
const libraries = (
  home: string,
): string => `for __python in ${home}/.heroku/cpython/lib ${home}/.heroku/python/lib; do
  if ls "$__python"/libpython*.so* >/dev/null 2>&1; then export LD_LIBRARY_PATH="$__python\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; fi
done; unset __python
`

/** What Heroku's buildpack sets: programs and Gunicorn behave as documents about it say. */
const PROFILE = `export PATH="$HOME/.heroku/python/bin:$PATH"
[ ! -d "$HOME/.heroku/python/nltk_data" ] || export NLTK_DATA="$HOME/.heroku/python/nltk_data"
export PYTHONUNBUFFERED=true
export PYTHONPATH="\${PYTHONPATH:-$HOME}"
export LANG="\${LANG:-C.UTF-8}"
export FORWARDED_ALLOW_IPS="\${FORWARDED_ALLOW_IPS:-*}"
export GUNICORN_CMD_ARGS="\${GUNICORN_CMD_ARGS:---access-logfile -}"
${libraries('"$HOME"')}${webConcurrency('256')}`
