export type { Addons } from './contract.ts'
