import type { Files } from '../files/files.ts'
import type { AppEvents } from './app-events.ts'

/** What components may use while they train. */
export type TrainingContext = Readonly<{
  /** Stored events, by app name. */
  events: AppEvents
  /** Files that release and web share: the S3 bucket of `PIO_S3_*`. */
  files: Files
  env: Readonly<Record<string, string | undefined>>
  /** Where the engine's own files are. */
  engineDirectory: string
  /** How many threads training may use; results must not depend on it. */
  threads: number
  log: (message: string) => void
  /** Reports how far the work is, e.g. `progress('ALS iteration', 3, 20)`. */
  progress: (what: string, done: number, total: number) => void
  signal: AbortSignal
}>

/** What algorithms may use while they answer. */
export type ServingContext = Readonly<{
  events: AppEvents
  /** Where the engine's own files are. */
  engineDirectory: string
  /** Files that release and web share: the S3 bucket of `PIO_S3_*`. */
  files: Files
  env: Readonly<Record<string, string | undefined>>
  log: (message: string) => void
}>
