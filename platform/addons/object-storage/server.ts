import type { Home } from '../../store/index.ts'
import type { ExternalStorage } from './config.ts'
import type { ObjectStorageServer } from './contract.ts'
import { createExternalServer } from './external-server.ts'
import { createOwnServer } from './own-server.ts'

export type ObjectStorageOptions = Readonly<{
  home: Pick<Home, 'root' | 'run' | 'logs'>
  /** A server of the operator's. */
  external?: ExternalStorage | undefined
}>

/** The operator's server, or one that we run. */
export const createObjectStorageServer = ({
  home,
  external,
}: ObjectStorageOptions): ObjectStorageServer =>
  external === undefined ? createOwnServer(home) : createExternalServer(external)
