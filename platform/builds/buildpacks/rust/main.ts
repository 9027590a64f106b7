import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile, Rejected } from '#buildpack/compile'
import { readConfigVars } from '#buildpack/config-vars'
import { noteWeb, type Web } from '#buildpack/default-web'
import { note, step } from '#buildpack/print'
import { ask, run } from '#buildpack/run'
import type { Places } from '#buildpack/uv'
import { takePrograms } from './programs.ts'
import { findRust, type TextOf } from './toolchain.ts'

/** `bin/compile` of the Rust buildpack: programs are in `target/release`, as cargo leaves them. */
compile(process.argv.slice(2), ({ tree, cache, env: envFolder }) => {
  const textOf: TextOf = (name) =>
    existsSync(join(tree, name)) ? readFileSync(join(tree, name), 'utf8') : undefined
  const given = { ...process.env, ...readConfigVars(envFolder) }
  const rust = findRust(textOf, { tree, cache, env: given })
  step(`Using Rust ${rust.version}`)
  note(import.meta.dirname, `Rust ${rust.version}`)
  const env = {
    ...given,
    CARGO_HOME: join(cache, 'cargo'),
    CARGO_TARGET_DIR: join(cache, 'target'),
    CARGO_TERM_PROGRESS_WHEN: 'never',
    PATH: `${rust.bin}:${given['PATH'] ?? ''}`,
  }
  build(textOf, { tree, cache, env })
  const programs = takePrograms({ tree, cache, env })
  noteWeb(webOf(programs), tree, import.meta.dirname, './target/release/app')
})

function build(textOf: TextOf, { tree, cache, env }: Places): void {
  const answer = ask(['sh', '-c', 'command -v cc'], { cwd: cache, env, quiet: true })
  if (answer === undefined) {
    throw new Rejected(
      'There is no C compiler on this machine, which links programs of Rust. Install it where hokku runs, for example on Debian: apt-get install gcc',
    )
  }
  const config = /^\s*RUST_CARGO_BUILD_FLAGS=["']?([^"'\n]*)/m.exec(textOf('RustConfig') ?? '')?.[1]
  const locked = existsSync(join(tree, 'Cargo.lock')) ? ['--locked'] : []
  const own = (env['RUST_CARGO_BUILD_FLAGS'] ?? config ?? '--release').split(/\s+/)
  const command = ['cargo', 'build', ...own.filter((word) => word !== ''), ...locked]
  step(`Running ${command.join(' ')}`)
  if (run(command, { cwd: tree, env })) return
  throw new Rejected('cargo could not build the app; its message is above.')
}

function webOf(programs: readonly string[]): Web | undefined {
  const usual = ['web', 'server', 'app', 'api']
  const name = programs.length === 1 ? programs[0] : usual.find((one) => programs.includes(one))
  return name === undefined
    ? undefined
    : { command: `./target/release/${name}`, reason: `${name} is built` }
}
