import type { Call, Context } from './command.ts'
import type { OptionName } from './options.ts'

/** Options of upstream that can have no effect here, and why. */
const IGNORED: Readonly<Partial<Record<OptionName, string>>> = {
  'pio-home': 'the installation is the one that runs; set PIO_HOME for its conf/ folder',
  'spark-home': 'there is no Spark below',
  'spark-kryo': 'there is no Spark below',
  'scratch-uri': 'nothing is handed to a cluster',
  sbt: 'nothing is compiled',
  'sbt-extra': 'nothing is compiled',
  clean: 'nothing is compiled',
  'no-asm': 'nothing is compiled',
  'uber-jar': 'nothing is compiled',
  'generate-pio-sbt': 'nothing is compiled',
  'params-path': 'parameters come from engine.json or --variant',
  'metrics-params': 'parameters come from engine.json or --variant',
  'main-py-file': 'Python engines are not run',
  'json-extractor': 'parameters and queries are always read strictly',
  verbose: 'there is one level of detail',
  verbosity: 'there is one level of detail',
  'admin-server-ip': 'deploy does not talk to the admin server',
  'admin-server-port': 'deploy does not talk to the admin server',
}

/** Variables of upstream that can have no effect here, and why. */
const IGNORED_VARIABLES: Readonly<Record<string, string>> = {
  PIO_UR_ELASTICSEARCH_CONCURRENCY: 'nothing is written to Elasticsearch',
  JAVA_OPTS: 'there is no Java below',
}

/**
 * One notice for each option given, and each variable set, that has no effect: never silence.
 *
 * @param known options that do have one in this command
 */
export function noticeIgnored(
  call: Call,
  { log, env }: Context,
  known: readonly OptionName[] = [],
): void {
  for (const name of Object.keys(call.options) as OptionName[]) {
    const reason = known.includes(name) ? undefined : IGNORED[name]
    if (reason !== undefined) log.warn('Runner$', `--${name} has no effect here: ${reason}.`)
  }
  for (const [name, reason] of Object.entries(IGNORED_VARIABLES)) {
    if (env[name]) log.warn('Runner$', `${name} has no effect here: ${reason}.`)
  }
}
