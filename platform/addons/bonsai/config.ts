import { readEnvironment } from '@hokku/kit/config'
import * as z from 'zod'

export const Environment = z.object({
  HOKKU_ELASTICSEARCH_URL: z
    .url({
      protocol: /^https?$/,
      error:
        'must be the address of an Elasticsearch, as https://elastic:secret@search.example:9200',
    })
    .transform((text) => new URL(text))
    .describe(
      'Elasticsearch on which the add-on bonsai makes users and indices; unset: it is not offered.',
    ),
})

/**
 * `HOKKU_ELASTICSEARCH_URL`; undefined when it is not set.
 *
 * @throws Problem `config_invalid`, without the password
 */
export function readExternalSearch(env: NodeJS.ProcessEnv): URL | undefined {
  if ((env['HOKKU_ELASTICSEARCH_URL'] ?? '') === '') return undefined
  const url = readEnvironment(Environment, env).HOKKU_ELASTICSEARCH_URL
  // Programs on the cloud refuse "localhost"; see decisions on addresses.
  if (url.hostname === 'localhost') url.hostname = '127.0.0.1'
  return url
}
