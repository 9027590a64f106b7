export type {
  FollowedOutput,
  LogFilter,
  LogRecord,
  LogSessionRequest,
  LogSource,
  Logs,
} from './contract.ts'
export { parseDrainUrl } from './drains/drain-url.ts'
export { plainLines, serverSentEvent } from './line-format.ts'
export { openLogs } from './logs.ts'
