import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compile, Rejected } from '#buildpack/compile'
import { noteWeb, type Web } from '#buildpack/default-web'
import { download } from '#buildpack/download'
import { prepareJvm } from '#buildpack/jvm/jdk'
import { note, step } from '#buildpack/print'
import { run } from '#buildpack/run'

/** The launcher fetches the sbt that `project/build.properties` names. */
const LAUNCHER = {
  version: '1.13.1',
  sha512:
    '4d2f8db8d2c166ac58531932aca6767783e08c080fd72619d20b9a000ddeca91134958dda2566e1692ecf6234de26cc4d407af2575437c1e45fb9c2716611c80',
}

/** `bin/compile` of the Scala buildpack: `sbt compile stage`, as Heroku's does. */
compile(process.argv.slice(2), (folders) => {
  const { tree, cache } = folders
  const at = prepareJvm(folders, import.meta.dirname, process.env)
  const jar = join(cache, 'tools', `sbt-launch-${LAUNCHER.version}.jar`)
  const repository = at.env['MVNW_REPOURL'] ?? 'https://repo.maven.apache.org/maven2'
  const path = `org/scala-sbt/sbt-launch/${LAUNCHER.version}/sbt-launch-${LAUNCHER.version}.jar`
  download(jar, { address: `${repository.replace(/\/$/, '')}/${path}`, ...LAUNCHER }, at.env)
  const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')
  const tasks = [
    ...words(at.env['SBT_PRE_TASKS'] ?? ''),
    ...(at.env['SBT_CLEAN'] === 'true' ? ['clean'] : []),
    ...words(at.env['SBT_TASKS'] ?? 'compile stage'),
  ]
  const folder = (name: string): string => join(cache, 'sbt', name)
  const command = [
    'java',
    ...words(at.env['SBT_OPTS'] ?? ''),
    `-Dsbt.global.base=${folder('base')}`,
    `-Dsbt.boot.directory=${folder('boot')}`,
    `-Dsbt.ivy.home=${folder('ivy')}/`,
    `-Dsbt.coursier.home=${folder('coursier')}`,
    '-Dsbt.color=false',
    '-Dsbt.supershell=false',
    '-Xss4m',
    '-jar',
    jar,
    ...words(at.env['SBT_EXTRAS'] ?? ''),
    ...tasks,
  ]
  step(`Running sbt ${tasks.join(' ')}`)
  note(import.meta.dirname, `sbt ${tasks.join(' ')}`)
  const env = { ...at.env, COURSIER_CACHE: folder('coursier-cache') }
  if (!run(command, { cwd: tree, env })) {
    throw new Rejected(
      'sbt could not build the app; its message is above. If it knows no task stage, add sbt-native-packager to project/plugins.sbt: addSbtPlugin("com.github.sbt" % "sbt-native-packager" % "1.11.1")',
    )
  }
  noteWeb(webOf(tree), tree, import.meta.dirname, 'target/universal/stage/bin/app')
})

/** The one program that `stage` has made. */
function webOf(tree: string): Web | undefined {
  const folder = 'target/universal/stage/bin'
  if (!existsSync(join(tree, folder))) return undefined
  const programs = readdirSync(join(tree, folder)).filter((name) => /^[\w-]+$/.test(name))
  if (programs.length !== 1) return undefined
  const command = `${folder}/${programs[0]} -Dhttp.port=$PORT`
  return { command, reason: `${programs[0]} is staged` }
}
