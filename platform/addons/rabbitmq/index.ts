export { rabbitmqProvider } from './provider.ts'
export { createBrokerServer } from './server.ts'
