export { judgePushes } from './answer-push.ts'
export { openBuilds, type BuildsEffects } from './builds.ts'
export type { Build, BuildRequest, Builds, BuildSource, BuildStatus, Slugs } from './contract.ts'
export { openSlugs, type SlugRoom } from './slugs/slugs.ts'
