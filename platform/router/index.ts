export type { RoutedApp, RoutedInstance, RoutedState, RouterLink, RouterTable } from './contract.ts'
