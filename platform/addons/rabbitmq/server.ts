import { problem, type Home } from '../../store/index.ts'
import { createServerProcess } from '../server-process/index.ts'
import { prepareBroker, readBrokerState } from './local-broker.ts'
import { openManagement, type Management } from './management.ts'

export type BrokerServer = Readonly<{
  start: () => Promise<void>
  /** `host:port` for apps; undefined before the first start. */
  endpoint: () => string | undefined
  /** `amqp:` or `amqps:`. */
  scheme: string
  management: () => Promise<Management>
  /** Stops looking after the server; it goes on. */
  close: () => void
}>

export type BrokerOptions = Readonly<{
  home: Pick<Home, 'root' | 'run' | 'logs'>
  /** `HOKKU_RABBITMQ_URL`: a broker of the operator's, as an administrator. */
  url?: string | undefined
  /** `HOKKU_RABBITMQ_MANAGEMENT_URL`, when it is not at port 15672 of the same host. */
  managementUrl?: string | undefined
  /** PATH, in which RabbitMQ is looked for. */
  searchPath: string
}>

/** The broker on which virtual hosts are made: the operator's, or one that we run. */
export const createBrokerServer = (options: BrokerOptions): BrokerServer =>
  options.url === undefined ? ownBroker(options) : externalBroker(options.url, options)

function ownBroker({ home, searchPath }: BrokerOptions): BrokerServer {
  let state = undefined as Awaited<ReturnType<typeof readBrokerState>>
  const management = async (): Promise<Management> => {
    state ??= await readBrokerState(home)
    if (state === undefined) throw problem('addon_unavailable', 'RabbitMQ has not been started.')
    const { managementPort, password } = state
    return openManagement(`http://hokku:${password}@127.0.0.1:${managementPort}`)
  }
  const server = createServerProcess({
    name: 'rabbitmq',
    home,
    prepare: async () => {
      const prepared = await prepareBroker(home, searchPath)
      state = prepared.state
      return prepared.launch
    },
    isReady: async () => await (await management()).isReady(),
    startMsMax: 90_000,
  })
  return {
    start: server.start,
    endpoint: () => (state === undefined ? undefined : `127.0.0.1:${state.port}`),
    scheme: 'amqp:',
    management,
    close: server.close,
  }
}

function externalBroker(url: string, { managementUrl }: BrokerOptions): BrokerServer {
  const address = new URL(url)
  // Programs on the cloud refuse "localhost"; see decisions on addresses.
  if (address.hostname === 'localhost') address.hostname = '127.0.0.1'
  const isTls = address.protocol === 'amqps:'
  const management = openManagement(managementUrl ?? defaultManagement(address, isTls))
  let hasAnswered = false
  return {
    start: async () => {
      if (!hasAnswered && !(await management.isReady())) {
        throw problem(
          'addon_unavailable',
          'The management API of HOKKU_RABBITMQ_URL does not answer.',
          {
            hint: 'Enable it (rabbitmq-plugins enable rabbitmq_management), or name its address in HOKKU_RABBITMQ_MANAGEMENT_URL.',
          },
        )
      }
      hasAnswered = true
    },
    endpoint: () => `${address.hostname}:${address.port || (isTls ? '5671' : '5672')}`,
    scheme: address.protocol,
    management: async () => management,
    close: () => {},
  }
}

function defaultManagement({ username, password, hostname }: URL, isTls: boolean): string {
  const [scheme, port] = isTls ? ['https', 15671] : ['http', 15672]
  return `${scheme}://${username}:${password}@${hostname}:${port}`
}
