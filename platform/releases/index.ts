export type { DeployOutcome, ExitStatus, ReleaseRequest, Releases } from './contract.ts'
export { createReleases, type ReleaseEffects } from './releases.ts'
