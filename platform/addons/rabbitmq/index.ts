export { readExternalBroker } from './config.ts'
export { brokerFolders } from './local-broker.ts'
export { rabbitmqProvider } from './provider.ts'
export { createBrokerServer } from './server.ts'
