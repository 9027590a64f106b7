import { chmod, glob, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import type { Home } from '../store/index.ts'
import { gitCredentialScript } from './heroku/git-credential.ts'
import { compileCacheOf, herokuCli } from './heroku/heroku-cli.ts'
import { quote } from './shell.ts'

/**
 * Writes `hokku`, `heroku`, git's credential helper and the frameworks' commands into the home's
 * `bin`, which `hokku env` puts on PATH.
 *
 * @param heroku folder in which the official CLI is or will be installed
 */
export async function writeLaunchers(home: Home, heroku: string = home.heroku): Promise<void> {
  await mkdir(home.bin, { recursive: true, mode: 0o755 })
  await chmod(home.bin, 0o755)
  const programs: Record<string, string> = {
    ...(await frameworkPrograms()),
    hokku: `exec ${quote(join(import.meta.dirname, 'bin/hokku'))} "$@"`,
    heroku: herokuScript(home, heroku),
    'git-credential-hokku': gitCredentialScript,
  }
  for (const [name, lines] of Object.entries(programs)) {
    const text = `#!/bin/sh\n${lines}\n`
    await writeDurably(join(home.bin, name), text, 0o755)
    await chmod(join(home.bin, name), 0o755)
  }
}

/**
 * The official CLI, installed by its first call. It writes `heroku git:credentials` into git's
 * settings; we answer that ourselves, so that a push never waits for an installation.
 */
export function herokuScript(home: Pick<Home, 'bin'>, heroku: string): string {
  const cli = herokuCli(heroku)
  const node = quote(process.execPath)
  const install = quote(join(import.meta.dirname, 'heroku/main.ts'))
  return `if [ "\${1-}" = git:credentials ]; then
  shift
  exec ${quote(join(home.bin, 'git-credential-hokku'))} "$@"
fi
# Its name of years ago, which documents still type.
if [ "\${1-}" = addons:add ]; then
  shift
  set -- addons:create "$@"
fi
[ -f ${quote(cli.program)} ] || ${node} ${install} ${quote(heroku)} || exit 1
# The compile cache takes a third off the start of every command.
export NODE_COMPILE_CACHE=${quote(compileCacheOf(cli))}
exec ${node} ${quote(cli.program)} "$@"`
}

/** What the frameworks' packages call their commands; the platform knows none of them by name. */
async function frameworkPrograms(): Promise<Record<string, string>> {
  const programs: Record<string, string> = {}
  for await (const file of glob(join(ROOT, 'frameworks/*/package.json'))) {
    const { bin = {} } = JSON.parse(await readFile(file, 'utf8')) as {
      bin?: Record<string, string>
    }
    for (const [name, path] of Object.entries(bin)) {
      programs[name] = `exec ${quote(join(dirname(file), path))} "$@"`
    }
  }
  return programs
}

const ROOT = join(import.meta.dirname, '../..')
