import { compile, Rejected } from '#buildpack/compile'
import { noteWeb } from '#buildpack/default-web'
import { prepareJvm } from '#buildpack/jvm/jdk'
import { webOfJars } from '#buildpack/jvm/web-of-jars'
import { note, step } from '#buildpack/print'
import { run } from '#buildpack/run'
import { mavenOf, words } from './maven.ts'

/** `bin/compile` of the Java buildpack: builds with Maven, as Heroku's does. */
compile(process.argv.slice(2), (folders) => {
  const at = prepareJvm(folders, import.meta.dirname, process.env)
  const maven = mavenOf(at)
  const {
    MAVEN_CUSTOM_GOALS: goals = 'clean install',
    MAVEN_CUSTOM_OPTS: options = '-DskipTests',
  } = at.env
  const command = [...maven.command, ...words(options), ...words(goals)]
  step(`Running ${maven.name} ${[...words(options), ...words(goals)].join(' ')}`)
  note(import.meta.dirname, maven.name)
  const env = { ...at.env, ...maven.env }
  if (!run(command, { cwd: at.tree, env })) {
    throw new Rejected('Maven could not build the app; its message is above.')
  }
  const web = webOfJars(at.tree, 'target')
  noteWeb(web, at.tree, import.meta.dirname, 'java -jar target/app.jar')
})
