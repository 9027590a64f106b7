import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import { warn } from '#buildpack/print'
import { ask } from '#buildpack/run'
import type { Places } from '#buildpack/uv'

/** A Rust of this machine: a folder with `cargo` and `rustc`, and what `rustc` calls itself. */
export type Rust = Readonly<{ bin: string; version: string }>

export type TextOf = (name: string) => string | undefined

/** The version that an app asks for: `1.85.0`, `stable`, `nightly-2026-01-01`; and the file. */
export function wantedRust(
  textOf: TextOf,
): Readonly<{ version: string; file: string }> | undefined {
  const plain = textOf('rust-toolchain')?.trim()
  const files: readonly (readonly [file: string, version: string | undefined])[] = [
    ['rust-toolchain.toml', channelOf(textOf('rust-toolchain.toml') ?? '')],
    ['rust-toolchain', plain?.includes('[') === true ? channelOf(plain) : plain],
    ['RustConfig', /^\s*VERSION=["']?([\w.-]+)/m.exec(textOf('RustConfig') ?? '')?.[1]],
    ['Cargo.toml', /^rust-version\s*=\s*["']([\d.]+)["']/m.exec(textOf('Cargo.toml') ?? '')?.[1]],
  ]
  const found = files.find(([, version]) => version !== undefined && /^[\w.-]+$/.test(version))
  return found?.[1] === undefined ? undefined : { file: found[0], version: found[1] }
}

const channelOf = (text: string): string | undefined =>
  /^\s*channel\s*=\s*["']([\w.-]+)["']/m.exec(text)?.[1]

/**
 * The Rust that builds an app: the one that it names where rustup has it, else the machine's own.
 *
 * @throws Rejected with what to install, or for a nightly that is not here
 */
export function findRust(textOf: TextOf, at: Places): Rust {
  const toolchains = (at.env['HOKKU_RUSTS'] ?? '').split(':').filter((one) => one !== '')
  const wanted = wantedRust(textOf)
  const version = wanted?.version ?? 'stable'
  const named = toolchains.find((one) => new RegExp(`^${version}(?:[.-]|$)`).test(basename(one)))
  const all = [named, ...toolchains, '/usr', '/usr/local', '/opt/homebrew'].flatMap((prefix) =>
    prefix === undefined ? [] : (described(join(prefix, 'bin'), at) ?? []),
  )
  const [rust] = all
  if (rust === undefined) {
    throw new Rejected(
      'There is no Rust on this machine. Install it where hokku runs, for example on Debian: apt-get install cargo, or rustup from rustup.rs',
    )
  }
  if (wanted === undefined || named !== undefined || version === 'stable') return rust
  if (version.startsWith('nightly') || version === 'beta') {
    throw new Rejected(
      `${wanted.file} asks for Rust ${version}, which is not on this machine. Install it where hokku runs: rustup toolchain install ${version}`,
    )
  }
  // In Cargo.toml it is the oldest that will do, and cargo itself declines an older one.
  if (wanted.file !== 'Cargo.toml' && !rust.version.startsWith(version)) {
    warn(`Rust ${version} (${wanted.file}) is not here: ${rust.version} is used.`)
  }
  return rust
}

function described(bin: string, { env, cache }: Places): Rust | undefined {
  if (!existsSync(join(bin, 'cargo')) || !existsSync(join(bin, 'rustc'))) return undefined
  const answer = ask([join(bin, 'rustc'), '--version'], { cwd: cache, env, quiet: true })
  const version = /^rustc (\S+)/.exec(answer ?? '')?.[1]
  return version === undefined ? undefined : { bin, version }
}
