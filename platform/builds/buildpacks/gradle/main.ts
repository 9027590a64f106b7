import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile, Rejected } from '#buildpack/compile'
import { noteWeb } from '#buildpack/default-web'
import { prepareJvm } from '#buildpack/jvm/jdk'
import { webOfJars } from '#buildpack/jvm/web-of-jars'
import { note, step } from '#buildpack/print'
import { run } from '#buildpack/run'

/** `bin/compile` of the Gradle buildpack: builds with the app's own wrapper. */
compile(process.argv.slice(2), (folders) => {
  const { tree, cache } = folders
  if (!existsSync(join(tree, 'gradlew'))) {
    throw new Rejected(
      'There is no gradlew, which says which Gradle builds the app. Make it and commit it: gradle wrapper && git add --force gradlew gradle/wrapper',
    )
  }
  for (const ending of ['jar', 'properties']) {
    const file = `gradle/wrapper/gradle-wrapper.${ending}`
    if (!existsSync(join(tree, file))) {
      throw new Rejected(`${file} is missing: gradlew reads it. Commit it: git add --force ${file}`)
    }
  }
  const at = prepareJvm(folders, import.meta.dirname, process.env)
  chmodSync(join(tree, 'gradlew'), 0o755)
  const env = { ...at.env, GRADLE_USER_HOME: join(cache, 'gradle') }
  const task = at.env['GRADLE_TASK'] ?? defaultTask(tree)
  const command = ['./gradlew', '--no-daemon', '--console=plain', ...task.split(/\s+/)]
  step(`Running ${command.join(' ')}`)
  note(import.meta.dirname, `gradlew ${task}`)
  writeMirror(cache, env)
  if (!run(command, { cwd: tree, env })) {
    throw new Rejected(
      'Gradle could not build the app; its message is above. If gradlew could not fetch its distribution, check that this machine reaches the address in gradle/wrapper/gradle-wrapper.properties.',
    )
  }
  noteWeb(webOfJars(tree, 'build/libs'), tree, import.meta.dirname, 'java -jar build/libs/app.jar')
})

/** `stage` where the app has it, as on Heroku. */
function defaultTask(tree: string): string {
  const files = ['build.gradle', 'build.gradle.kts'].map((name) => join(tree, name))
  const text = files.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join('\n')
  return /\btask\s+stage\b|\bregister\(\s*["']stage["']|\btasks?\.create\(\s*["']stage["']/.test(
    text,
  )
    ? 'stage'
    : 'build -x check'
}

/** Packages come from the machine's mirror where one is set. */
function writeMirror(cache: string, env: NodeJS.ProcessEnv): void {
  const url = env['MVNW_REPOURL']
  if (url === undefined) return
  const folder = join(cache, 'gradle/init.d')
  mkdirSync(folder, { recursive: true })
  const script = `def mirror = { it.url.toString().startsWith('https://repo.maven.apache.org/') ? it.setUrl(${JSON.stringify(url)}) : null }
allprojects { buildscript.repositories.withType(MavenArtifactRepository).all(mirror); repositories.withType(MavenArtifactRepository).all(mirror) }
`
  writeFileSync(join(folder, 'mirror.gradle'), script)
}
