import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Rejected } from '#buildpack/compile'
import { download } from '#buildpack/download'
import type { JvmPlaces } from '#buildpack/jvm/jdk'
import { run } from '#buildpack/run'

/** The Maven that builds apps without a wrapper. */
const VERSION = '3.9.16'
const SHA512 =
  '831a8591fe20c8243b1dbe7d71e3244f31d1665b0804b2e825e38cbbe5ce0cafb8338851f90780735568773e0a6cd07bbec107cda0b896b008b861075358b6f6'

export type Maven = Readonly<{ name: string; command: readonly string[]; env: NodeJS.ProcessEnv }>

/** The app's own `mvnw`, else Maven from the Maven repository; packages go to the app's cache. */
export function mavenOf(at: JvmPlaces): Maven {
  const { tree, cache } = at
  const repository = join(cache, 'maven/repository')
  const flags = ['-B', '-ntp', `-Dmaven.repo.local=${repository}`, ...settings(at)]
  const wrapper = join(tree, 'mvnw')
  if (existsSync(wrapper) && hasWrapper(tree)) {
    chmodSync(wrapper, 0o755)
    // The wrapper keeps the Maven that it fetches there.
    const env = { MAVEN_USER_HOME: join(cache, 'maven') }
    return { name: 'mvnw', command: [wrapper, ...flags], env }
  }
  return { name: `Maven ${VERSION}`, command: [ownMaven(at), ...flags], env: {} }
}

const hasWrapper = (tree: string): boolean =>
  ['jar', 'properties'].some((ending) =>
    existsSync(join(tree, `.mvn/wrapper/maven-wrapper.${ending}`)),
  )

function ownMaven({ cache, env }: JvmPlaces): string {
  const folder = join(cache, 'tools', `apache-maven-${VERSION}`)
  const program = join(folder, 'bin/mvn')
  if (existsSync(program)) return program
  const archive = `${folder}.tar.gz`
  const path = `org/apache/maven/apache-maven/${VERSION}/apache-maven-${VERSION}-bin.tar.gz`
  download(archive, { address: `${repositoryOf(env)}/${path}`, sha512: SHA512 }, env)
  mkdirSync(folder, { recursive: true })
  const unpack = ['tar', '-xzf', archive, '-C', folder, '--strip-components=1']
  if (!run(unpack, { cwd: cache, env })) throw new Rejected(`${archive} could not be unpacked.`)
  return program
}

/** The variable that Maven's wrapper reads too. */
const repositoryOf = (env: NodeJS.ProcessEnv): string =>
  (env['MVNW_REPOURL'] ?? 'https://repo.maven.apache.org/maven2').replace(/\/$/, '')

/** The app's settings file, as on Heroku; else one that names the machine's mirror. */
function settings({ tree, cache, env }: JvmPlaces): string[] {
  const path = env['MAVEN_SETTINGS_PATH'] ?? 'settings.xml'
  if (env['MAVEN_SETTINGS_URL'] !== undefined) {
    throw new Rejected(
      'MAVEN_SETTINGS_URL is not supported. Commit the file and name it: heroku config:unset MAVEN_SETTINGS_URL && heroku config:set MAVEN_SETTINGS_PATH=settings.xml',
    )
  }
  if (existsSync(join(tree, path))) return ['-s', join(tree, path)]
  if (env['MVNW_REPOURL'] === undefined) return []
  const url = repositoryOf(env).replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const file = join(cache, 'maven/settings.xml')
  mkdirSync(join(cache, 'maven'), { recursive: true })
  const mirror = `<mirror><id>machine</id><mirrorOf>central</mirrorOf><url>${url}</url></mirror>`
  const text = `<settings><mirrors>${mirror}</mirrors></settings>\n`
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
  return ['-s', file]
}

/** Words of a config var that holds options. */
export const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')
