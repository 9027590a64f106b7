export { displayName, parseReference } from './compile/reference.ts'
export { judgePushes } from './answer-push.ts'
export { openBuilds, type BuildsEffects } from './builds.ts'
export type { Build, BuildRequest, Builds, BuildSource, BuildStatus } from './contract.ts'
