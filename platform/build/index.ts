export type { Build, BuildRequest, Builds, BuildSource, BuildStatus, Slugs } from './contract.ts'
