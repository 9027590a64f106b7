import { readEnvironment } from '@hokku/kit/config'
import * as z from 'zod'

/** A broker of the operator's on which virtual hosts are made. */
export type ExternalBroker = Readonly<{
  /** For apps, with the name and password of an administrator. */
  url: URL
  /** Its management API, with the same. */
  managementUrl: URL
}>

export const Environment = z.object({
  HOKKU_RABBITMQ_URL: z
    .url({
      protocol: /^amqps?$/,
      error: 'must be the address of an administrator, as amqps://admin:secret@broker.example',
    })
    .transform((text) => new URL(text))
    .describe('RabbitMQ on which the add-on makes virtual hosts; unset: a broker on this machine.'),
  HOKKU_RABBITMQ_MANAGEMENT_URL: z
    .url({ protocol: /^https?$/, error: 'must be an address, as https://broker.example:15671' })
    .transform((text) => new URL(text))
    .optional()
    .describe('Its management API; unset: port 15672 of the same host, 15671 with TLS.'),
})

/**
 * `HOKKU_RABBITMQ_URL` and what goes with it; undefined when it is not set.
 *
 * @throws Problem `config_invalid`, without the password
 */
export function readExternalBroker(env: NodeJS.ProcessEnv): ExternalBroker | undefined {
  if ((env['HOKKU_RABBITMQ_URL'] ?? '') === '') return undefined
  const config = readEnvironment(Environment, env)
  const url = config.HOKKU_RABBITMQ_URL
  // Programs on the cloud refuse "localhost"; see decisions on addresses.
  if (url.hostname === 'localhost') url.hostname = '127.0.0.1'
  const managementUrl = config.HOKKU_RABBITMQ_MANAGEMENT_URL ?? usualManagement(url)
  if (managementUrl.username === '') {
    managementUrl.username = url.username
    managementUrl.password = url.password
  }
  return { url, managementUrl }
}

function usualManagement({ protocol, hostname }: URL): URL {
  return new URL(protocol === 'amqps:' ? `https://${hostname}:15671` : `http://${hostname}:15672`)
}
