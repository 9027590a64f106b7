export type {
  RoutedApp,
  RoutedCertificate,
  RoutedInstance,
  RoutedState,
  RouterLink,
  RouterTable,
} from './contract.ts'
export { openRouterLink } from './control-client.ts'
