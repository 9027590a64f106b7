import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { say } from '#buildpack/print'
import { ask } from '#buildpack/run'
import type { Places } from '#buildpack/uv'

/** Copies what cargo has made from the cache, where it is kept for the next build. */
export function takePrograms({ tree, cache, env }: Places): string[] {
  const made = join(cache, 'target/release')
  const target = join(tree, 'target/release')
  const current = builtNow({ tree, cache, env })
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const names = existsSync(made) ? readdirSync(made).filter((name) => isProgram(made, name)) : []
  const taken = names.filter((name) => current.has(name) || name.endsWith('.so'))
  for (const name of taken) cpSync(join(made, name), join(target, name))
  say(`Programs in target/release: ${taken.join(', ')}`)
  return taken.filter((name) => current.has(name))
}

function isProgram(folder: string, name: string): boolean {
  const status = statSync(join(folder, name))
  return status.isFile() && (status.mode & 0o111) !== 0 && !name.startsWith('.')
}

/** Names of the programs that the app has now: the cache may hold those of earlier builds. */
function builtNow({ tree, env }: Places): ReadonlySet<string> {
  const command = ['cargo', 'metadata', '--format-version=1', '--no-deps']
  const text = ask(command, { cwd: tree, env }) ?? ''
  return new Set([...text.matchAll(TARGET)].map((match) => match[1] ?? ''))
}

/** A target in what cargo prints, in which the kinds come first. */
const TARGET = /"kind":\["bin"\],"crate_types":\["bin"\],"name":"([\w-]+)"/g
