import type { Call, Context } from './command.ts'
import type { OptionName } from './options.ts'

/** Options of upstream that can have no effect here, and why. */
const IGNORED: Readonly<Partial<Record<OptionName, string>>> = {
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
  verbosity: 'there is one level of detail',
  'admin-server-ip': 'deploy does not talk to the admin server',
  'admin-server-port': 'deploy does not talk to the admin server',
}

/** One notice for each option given that has no effect: never silence. */
export function noticeIgnored(call: Call, { log }: Context): void {
  for (const name of Object.keys(call.options) as OptionName[]) {
    const reason = IGNORED[name]
    if (reason !== undefined) log.warn('Runner$', `--${name} has no effect here: ${reason}.`)
  }
}
