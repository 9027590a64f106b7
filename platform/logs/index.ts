export type { FollowedOutput, LogFilter, LogSessionRequest, LogSource, Logs } from './contract.ts'
