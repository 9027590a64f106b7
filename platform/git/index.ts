export { archiveCommit, commitSubject, objectType, type CommitSource } from './archive-commit.ts'
export { deployedRef } from './hook.ts'
export { gigabytes, LFS_LIMITS, LfsObjects, type LfsObject } from './lfs-objects.ts'
export { lfsPointers, parsePointer } from './lfs-pointers.ts'
export { receivePack, type Judge } from './receive-pack.ts'
export {
  prepareRepository,
  repositoryOf,
  repositorySize,
  settleHead,
  type Repository,
} from './repository.ts'
export { advertiseRefs, isGitService, uploadPack } from './serve.ts'
export { listSubmodules, withSubmodule, type Submodule } from './submodules.ts'
