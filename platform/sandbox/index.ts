export type { AppUser } from './app-user.ts'
export { archiveOf, unpackArchive } from './archive.ts'
export { overlayOptions, type Mount } from './bubblewrap.ts'
export { isCountDue, isShort, RESERVE, type LastCount } from './disk-pace.ts'
export { diskUse, freeSpace, type DiskUse, type FreeSpace } from './disk-use.ts'
export { limitBytes } from './limit-bytes.ts'
export type { Owner } from './owner.ts'
export { removeTenantEntry, removeTree } from './remove-tree.ts'
export { endGroup, runSandboxed } from './run-sandboxed.ts'
export { Network, removeRules, type NetworkMode } from './network/network.ts'
export type { NetworkPolicy } from './network/ruleset.ts'
export {
  openSandbox,
  type Sandbox,
  type SandboxMode,
  type SandboxRequest,
  type SpawnCommand,
} from './sandbox.ts'
export {
  makeTenantFolder,
  moveTenantEntry,
  readTenantText,
  tenantEntry,
  tenantLink,
} from './tenant-files.ts'
export { listPart, listTree, type TreeEntry } from './tenant-tree.ts'
export { unpackUpload } from './unpack-upload.ts'
