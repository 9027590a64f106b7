export type { ReleaseRequest, Releases } from './contract.ts'
