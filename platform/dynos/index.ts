export type {
  DeployOutcome,
  Dyno,
  DynoState,
  Dynos,
  ExitStatus,
  OneOffRequest,
} from './contract.ts'
