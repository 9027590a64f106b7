export { commitSubject, exportCommit, objectType, type CommitSource } from './export-commit.ts'
export { deployedRef, type Push, type PushedRef } from './hook.ts'
export { receivePack, type GitExchange, type Judge } from './receive-pack.ts'
export {
  prepareRepository,
  repositoryOf,
  repositorySize,
  setHead,
  type Repository,
} from './repository.ts'
export { advertiseRefs, isGitService, uploadPack, type GitService } from './serve.ts'
