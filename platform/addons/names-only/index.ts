export { namesOnlyProviders } from './provider.ts'
