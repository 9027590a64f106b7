import { problem } from '../problems.ts'
import type { Judgment } from './judge-sources.ts'

/**
 * Refuses sources whose meaning is not known, as they are not run: the engine would do something
 * else than they say.
 *
 * @returns what to print at every step if they were accepted all the same; undefined without any
 * @throws Problem `scala_unknown` that names each file
 */
export function acceptSources(
  { unknown }: Pick<Judgment, 'unknown'>,
  engine: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (unknown.length === 0) return undefined
  const files = unknown.join(', ')
  if (env[ACCEPT] === 'true') {
    return `${ACCEPT} is set: ${engine} is used, without what is changed in ${files}.`
  }
  throw problem(
    'scala_unknown',
    `Scala is not run here, and these files are of no version of a template that is known: ${files}`,
    {
      hint:
        'Write an engine.ts that does what they do: pio template new --from . begins one with the ' +
        `changed Scala beside it. Or use ${engine} without the changes: set ${ACCEPT}=true.`,
    },
  )
}

const ACCEPT = 'PIO_ACCEPT_CHANGED_SCALA'
