export type {
  DeployOutcome,
  Dyno,
  DynoState,
  Dynos,
  ExitStatus,
  OneOffRequest,
} from './contract.ts'
export type { Mount } from './local/bubblewrap.ts'
export {
  openSandbox,
  type Sandbox,
  type SandboxMode,
  type SandboxRequest,
  type SpawnCommand,
} from './local/sandbox.ts'
