import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { compile, Rejected } from '#buildpack/compile'
import { readConfigVars } from '#buildpack/config-vars'
import { noteWeb, type Web } from '#buildpack/default-web'
import { runHook } from '#buildpack/hook'
import { note, say, step, warn } from '#buildpack/print'
import { ask, run } from '#buildpack/run'
import { uvSettings, type Places } from '#buildpack/uv'
import { parseGoMod, programName, type GoMod } from './go-mod.ts'
import { findGo, type Go } from './toolchain.ts'

const PACK = import.meta.dirname

/** `bin/compile` of the Go buildpack: programs of the module go to `bin/`. */
compile(process.argv.slice(2), ({ tree, cache, env: envFolder }) => {
  const at = { tree, cache, env: goEnvironment(readConfigVars(envFolder), tree, cache) }
  const goMod = join(tree, 'go.mod')
  const isModule = existsSync(goMod)
  const go = findGo(isModule ? parseGoMod(readFileSync(goMod, 'utf8')).version : '1.16', at)
  if (!isModule) makeModule(go, at)
  const mod = parseGoMod(readFileSync(goMod, 'utf8'))
  step(`Using Go ${go.version} (go.mod asks for ${mod.version})`)
  if (mod.asked !== undefined && !go.version.startsWith(mod.asked)) {
    warn(`go.mod names goVersion ${mod.asked} for Heroku: Go ${go.version} is used.`)
  }
  note(PACK, `Go ${go.version}`)
  runHook('bin/go-pre-compile', at)
  const programs = install(go, mod, at)
  runHook('bin/go-post-compile', at)
  writeProfile(tree)
  noteWeb(webOf(programs, mod), tree, PACK, `bin/${programName(mod.module)}`)
})

function goEnvironment(
  config: Readonly<Record<string, string>>,
  tree: string,
  cache: string,
): NodeJS.ProcessEnv {
  const given = { ...process.env, ...config }
  return {
    ...uvSettings(given),
    UV_CACHE_DIR: join(cache, 'uv'),
    // Folders of the cache can be deleted like any other.
    GOFLAGS: '-modcacherw',
    GOPATH: join(cache, 'go'),
    GOCACHE: join(cache, 'go-build'),
    ...given,
    GOBIN: join(tree, 'bin'),
    PATH: `${tree}/bin:${given['PATH'] ?? ''}`,
  }
}

/** Programs from before modules, or without packages, have no go.mod. */
function makeModule(go: Go, { tree, env }: Places): void {
  const godir = join(tree, '.godir')
  const named = existsSync(godir) ? readFileSync(godir, 'utf8').trim() : ''
  const name = /^[\w./-]+$/.test(named) ? named : 'app'
  warn(`There is no go.mod: the build makes one, with the newest packages.
To get the same ones in each build: go mod init ${name} && go mod tidy, and commit go.mod and go.sum`)
  const runGo = (...words: string[]): boolean => run([go.program, ...words], { cwd: tree, env })
  if (runGo('mod', 'init', name) && runGo('mod', 'tidy')) return
  throw new Rejected('Go could not make a go.mod; its message is above.')
}

/** @returns the names of the programs that are now in `bin/` */
function install(go: Go, mod: GoMod, at: Places): string[] {
  const { tree, env } = at
  const chosen = (env['GO_INSTALL_PACKAGE_SPEC'] ?? '').split(/\s+/).filter((one) => one !== '')
  const named = chosen.length > 0 ? chosen : mod.install
  const wanted = named.length > 0 ? named : ['./...']
  const format = '{{if eq .Name "main"}}{{.ImportPath}} {{.Target}}{{end}}'
  const list = ask([go.program, 'list', '-tags', 'heroku', '-f', format, ...wanted], {
    cwd: tree,
    env,
  })
  if (list === undefined) throw new Rejected('Go could not read the module; its message is above.')
  const mains = list
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter(([path = '']) => path !== '')
  if (mains.length === 0) {
    throw new Rejected(
      `No package main in ${wanted.join(' ')}. Name the one to build in go.mod: // +heroku install ./cmd/...`,
    )
  }
  mkdirSync(join(tree, 'bin'), { recursive: true })
  step(`Running: go install -tags heroku ${mains.map(([path]) => path).join(' ')}`)
  const command = [go.program, 'install', '-tags', 'heroku', ...linkerFlags(env)]
  if (!run([...command, ...mains.map(([path = '']) => path)], { cwd: tree, env })) {
    throw new Rejected('Go could not build the app; its message is above.')
  }
  const programs = mains.map(([, target = '']) => basename(target))
  say(`Programs in bin/: ${programs.join(', ')}`)
  return programs
}

/** A value that an app wants to have in its program, as on Heroku. */
function linkerFlags(env: NodeJS.ProcessEnv): string[] {
  const { GO_LINKER_SYMBOL: symbol, GO_LINKER_VALUE: value } = env
  if (symbol === undefined) return []
  return ['-ldflags', `-X ${symbol}=${value ?? env['SOURCE_VERSION'] ?? ''}`]
}

/** Commands of a Procfile name programs with and without their folder. */
function writeProfile(tree: string): void {
  mkdirSync(join(tree, '.profile.d'), { recursive: true })
  writeFileSync(join(tree, '.profile.d/go.sh'), 'export PATH="$HOME/bin:$PATH"\n')
  writeFileSync(join(PACK, 'export'), `export PATH="${tree}/bin:$PATH"\n`)
}

function webOf(programs: readonly string[], { module }: GoMod): Web | undefined {
  const usual = [programName(module), 'web', 'server', 'app', 'api']
  const name = programs.length === 1 ? programs[0] : usual.find((one) => programs.includes(one))
  return name === undefined ? undefined : { command: `bin/${name}`, reason: `${name} is built` }
}
