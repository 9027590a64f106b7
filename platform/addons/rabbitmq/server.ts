import { problem, type Home } from '../../store/index.ts'
import { createServerProcess } from '../server-process/index.ts'
import type { ExternalBroker } from './config.ts'
import { prepareBroker, readBrokerState } from './local-broker.ts'
import { openManagement, type Management } from './management.ts'

export type BrokerServer = Readonly<{
  start: () => Promise<void>
  /** `host:port` for apps; undefined before the first start. */
  endpoint: () => string | undefined
  /** `amqp:` or `amqps:`. */
  scheme: string
  management: () => Promise<Management>
  /** Stops watching the server, which keeps running. */
  close: () => void
}>

export type BrokerOptions = Readonly<{
  home: Pick<Home, 'root' | 'run' | 'logs'>
  external?: ExternalBroker | undefined
  /** In which RabbitMQ is looked for; see `brokerFolders`. */
  folders: readonly string[]
}>

/** The broker on which virtual hosts are made: the operator's, or one that we run. */
export const createBrokerServer = (options: BrokerOptions): BrokerServer =>
  options.external === undefined ? ownBroker(options) : externalBroker(options.external)

function ownBroker({ home, folders }: BrokerOptions): BrokerServer {
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
      const prepared = await prepareBroker(home, folders)
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

function externalBroker({ url, managementUrl }: ExternalBroker): BrokerServer {
  const management = openManagement(managementUrl.href)
  let hasAnswered = false
  return {
    start: async () => {
      if (!hasAnswered) await management.check()
      hasAnswered = true
    },
    endpoint: () => `${url.hostname}:${url.port || (url.protocol === 'amqps:' ? '5671' : '5672')}`,
    scheme: url.protocol,
    management: async () => management,
    close: () => {},
  }
}
