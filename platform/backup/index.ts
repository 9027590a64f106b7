export { BackupBucket, isBucket } from './bucket.ts'
export { createBackup, type BackupResult } from './create-backup.ts'
export { finishRestore } from './finish-restore.ts'
export { restoreBackup } from './restore-backup.ts'
