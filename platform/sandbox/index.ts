export { archiveOf, unpackArchive } from './archive.ts'
export type { Owner } from './owner.ts'
export { removeTenantEntry, removeTree } from './remove-tree.ts'
export {
  makeTenantFolder,
  moveTenantEntry,
  readTenantText,
  tenantEntry,
  tenantLink,
} from './tenant-files.ts'
export { listPart, listTree, type TreeEntry } from './tenant-tree.ts'
