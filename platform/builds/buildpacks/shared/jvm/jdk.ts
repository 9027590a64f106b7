import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import { readConfigVars } from '#buildpack/config-vars'
import { note, say, step, warn } from '#buildpack/print'
import { major, wantedJava, type TextOf, type WantedJava } from './java-version.ts'
import { JVM_PROFILE } from './profile.ts'

/** A Java compiler of this machine. */
export type Jdk = Readonly<{ home: string; version: number; full: string }>

/** What a build with a Java compiler works with. */
export type JvmPlaces = Readonly<{ tree: string; cache: string; env: NodeJS.ProcessEnv }>

/**
 * Puts the Java that an app asks for at `.jdk`, for the build and for its dynos.
 *
 * @param pack folder of the buildpack
 * @param base environment of the build
 * @throws Rejected with what to install when this machine has none that is new enough
 */
export function prepareJvm(
  { tree, cache, env: envFolder }: Readonly<{ tree: string; cache: string; env: string }>,
  pack: string,
  base: NodeJS.ProcessEnv,
): JvmPlaces {
  const textOf: TextOf = (name) =>
    existsSync(join(tree, name)) ? readFileSync(join(tree, name), 'utf8') : undefined
  const wanted = wantedJava(textOf)
  const jdk = chooseJdk(wanted, findJdks())
  const from = wanted === undefined ? '' : ` (${wanted.file} asks for ${wanted.version})`
  step(`Using Java ${jdk.full}${from}`)
  note(pack, `Java ${jdk.full}`)
  if (wanted?.file === 'system.properties' && jdk.version !== wanted.version) {
    warn(`Java ${wanted.version} is not here: ${jdk.version} is used. ${toInstall(wanted.version)}`)
  }
  const link = join(tree, '.jdk')
  rmSync(link, { recursive: true, force: true })
  symlinkSync(jdk.home, link)
  mkdirSync(join(tree, '.profile.d'), { recursive: true })
  writeFileSync(join(tree, '.profile.d/jvm.sh'), JVM_PROFILE)
  const exported = `export JAVA_HOME="${link}"\nexport PATH="${link}/bin:$PATH"\n`
  writeFileSync(join(pack, 'export'), exported)
  return { tree, cache, env: jvmEnvironment({ ...base, ...readConfigVars(envFolder) }, jdk) }
}

/** The wanted version, else the oldest of those that are newer: Java runs what is older. */
export function chooseJdk(wanted: WantedJava | undefined, found: readonly Jdk[]): Jdk {
  const byAge = found.toSorted((a, b) => a.version - b.version)
  const chosen =
    wanted === undefined
      ? (byAge.find(({ version }) => version >= USUAL_JAVA) ?? byAge.at(-1))
      : byAge.find(({ version }) => version >= wanted.version)
  if (chosen !== undefined) return chosen
  if (wanted === undefined || found.length === 0) {
    throw new Rejected(
      `There is no Java compiler on this machine. ${toInstall(wanted?.version ?? USUAL_JAVA)}`,
    )
  }
  const here = byAge.map(({ version }) => version).join(', ')
  throw new Rejected(
    `${wanted.file} asks for Java ${wanted.version}; this machine has ${here}. ${toInstall(wanted.version)}\nOr ask for Java ${byAge.at(-1)?.version} in ${wanted.file}.`,
  )
}

/** What most frameworks of today need at least. */
const USUAL_JAVA = 17

const toInstall = (version: number): string =>
  `Install it where hokku runs, for example on Debian: apt-get install openjdk-${version}-jdk-headless`

/** Where Linux distributions, Homebrew and macOS keep Java. */
const FOLDERS: readonly (readonly [folder: string, below: string])[] = [
  ['/usr/lib/jvm', ''],
  ['/usr/java', ''],
  ['/Library/Java/JavaVirtualMachines', 'Contents/Home'],
]

function findJdks(): Jdk[] {
  const homes = FOLDERS.flatMap(([folder, below]) =>
    existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, below)) : [],
  )
  const real = homes
    .filter((home) => existsSync(join(home, 'bin/javac')))
    .map((home) => realpathSync(home))
  return [...new Set(real)].flatMap((home) => {
    const release = join(home, 'release')
    const text = existsSync(release) ? readFileSync(release, 'utf8') : ''
    const full = /^JAVA_VERSION="([^"]+)"/m.exec(text)?.[1] ?? ''
    const version = major(full)
    return version === undefined ? [] : [{ home, version, full }]
  })
}

function jvmEnvironment(given: NodeJS.ProcessEnv, jdk: Jdk): NodeJS.ProcessEnv {
  const proxy = proxyOptions(given)
  if (proxy !== '') say('Java uses the proxy of this machine')
  const options = (name: string): string => [proxy, given[name] ?? ''].join(' ').trim()
  return {
    ...given,
    JAVA_HOME: jdk.home,
    PATH: `${jdk.home}/bin:${given['PATH'] ?? ''}`,
    MAVEN_OPTS: options('MAVEN_OPTS'),
    GRADLE_OPTS: options('GRADLE_OPTS'),
    SBT_OPTS: options('SBT_OPTS'),
  }
}

/** Java reads no environment variables for proxies. */
export function proxyOptions(env: NodeJS.ProcessEnv): string {
  return ['http', 'https']
    .flatMap((kind) => {
      const value = env[`${kind}_proxy`] ?? env[`${kind.toUpperCase()}_PROXY`] ?? ''
      if (!URL.canParse(value)) return []
      const { hostname, port } = new URL(value)
      return [`-D${kind}.proxyHost=${hostname}`, `-D${kind}.proxyPort=${port === '' ? 80 : port}`]
    })
    .join(' ')
}
