import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Web } from '../default-web.ts'

/**
 * What serves an app whose build has made a program of Spring Boot or Quarkus.
 *
 * @param output where the build puts its archives: `target`, `build/libs`
 */
export function webOfJars(tree: string, output: string): Web | undefined {
  const quarkus = join(output, output === 'target' ? '.' : '..', 'quarkus-app/quarkus-run.jar')
  if (existsSync(join(tree, quarkus))) {
    const command = `java -Dquarkus.http.host=0.0.0.0 -Dquarkus.http.port=$PORT $JAVA_OPTS -jar ${quarkus}`
    return { command, reason: `${quarkus} is a program of Quarkus` }
  }
  const modules = readdirSync(tree, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && SAFE_NAME.test(entry.name))
    .map(({ name }) => join(name, output))
  const jar = [output, ...modules].flatMap((folder) => archivesIn(tree, folder))[0]
  if (jar === undefined) return undefined
  const command = `java -Dserver.port=$PORT $JAVA_OPTS -jar ${jar}`
  return { command, reason: `${jar} is a program of Spring Boot` }
}

const SAFE_NAME = /^[\w.-]+$/

/** Archives that Spring Boot can start; each holds its loader. */
function archivesIn(tree: string, folder: string): string[] {
  if (!existsSync(join(tree, folder))) return []
  return readdirSync(join(tree, folder))
    .filter((name) => /\.[jw]ar$/.test(name) && SAFE_NAME.test(name))
    .map((name) => join(folder, name))
    .filter((path) => statSync(join(tree, path)).size <= ARCHIVE_BYTES_MAX)
    .filter((path) => readFileSync(join(tree, path)).includes('org/springframework/boot/loader/'))
}

/** Larger than any slug. */
const ARCHIVE_BYTES_MAX = 600 * 1024 * 1024
