import type { Context } from './command.ts'
import { IGNORED } from './options.ts'

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
  { options }: Readonly<{ options: Readonly<Record<string, unknown>> }>,
  { log, env }: Context,
  known: readonly string[] = [],
): void {
  for (const [name, reason] of Object.entries(IGNORED)) {
    const isGiven = options[name] !== undefined && options[name] !== false
    if (!isGiven || known.includes(name)) continue
    log.warn('Runner$', `--${name} has no effect here: ${reason}.`)
  }
  for (const [name, reason] of Object.entries(IGNORED_VARIABLES)) {
    if (env[name]) log.warn('Runner$', `${name} has no effect here: ${reason}.`)
  }
}
