export type { Authority, Certificate } from './contract.ts'
