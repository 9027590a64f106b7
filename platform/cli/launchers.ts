import { chmod, glob, mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { writeDurably } from '@hokku/kit/disk'
import type { Home } from '../store/index.ts'

/**
 * Writes `hokku`, `heroku` and the frameworks' commands into the home's `bin`, which `hokku env` puts
 * on PATH.
 */
export async function writeLaunchers(home: Home): Promise<void> {
  await mkdir(home.bin, { recursive: true, mode: 0o755 })
  await chmod(home.bin, 0o755)
  const cli = dirname(createRequire(import.meta.url).resolve('heroku/package.json'))
  const cache = join(ROOT, 'node_modules/.cache/heroku')
  const programs: Record<string, string> = {
    ...(await frameworkPrograms()),
    hokku: `exec ${quote(join(import.meta.dirname, 'bin/hokku'))} "$@"`,
    // The compile cache takes a third off the start of every command.
    heroku: `export NODE_COMPILE_CACHE=${quote(cache)}\nexec ${quote(process.execPath)} ${quote(join(cli, 'bin/run.js'))} "$@"`,
  }
  for (const [name, lines] of Object.entries(programs)) {
    const text = `#!/bin/sh\n${lines}\n`
    await writeDurably(join(home.bin, name), text, 0o755)
    await chmod(join(home.bin, name), 0o755)
  }
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

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
