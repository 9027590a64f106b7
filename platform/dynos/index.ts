export type {
  DeployOutcome,
  Dyno,
  DynoState,
  Dynos,
  ExitStatus,
  OneOffRequest,
} from './contract.ts'
export { openDynos } from './dynos.ts'
export type { DynosEffects } from './effects.ts'
export type { Engine } from './engine.ts'
export { openLocalEngine } from './local/engine.ts'
export { runReleasePhase } from './release-phase.ts'
export { DEFAULT_SIZE, DYNO_SIZES, findSize, type DynoSize } from './sizes.ts'
