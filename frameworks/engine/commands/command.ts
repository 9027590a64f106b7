import type { ParseArgsOptionsConfig } from 'node:util'
import type { Log } from '../log.ts'
import type { Storage } from '../storage/storage.ts'
import type { OptionName } from './options.ts'

/** One command of `pio`: how it is called, and what it does. */
export type Command = Readonly<{
  /** What follows `pio <name>` in the help. */
  usage: string
  summary: string
  options: readonly OptionName[]
  /** Names of the arguments; one in brackets may be left out, one with dots takes all others. */
  arguments: readonly string[]
  /** Gives the exit code. An expected failure is a thrown Problem: it is printed, and exits 1. */
  run: (call: Call, context: Context) => Promise<number>
}>

/** A call of a command, parsed. */
export type Call = Readonly<{
  /** Everything after `pio`, for a child that does the work. */
  argv: readonly string[]
  arguments: readonly string[]
  options: Readonly<Partial<Record<OptionName, string | boolean>>>
  /** What follows the first `--`: for Spark. */
  sparkArguments: readonly string[]
  /** What follows the second `--`: for the driver program. */
  driverArguments: readonly string[]
}>

/** What a command may touch; the effects of the whole command line. */
export type Context = Readonly<{
  env: NodeJS.ProcessEnv
  cwd: string
  log: Log
  /** Bare text on standard output. */
  write: (text: string) => void
  writeError: (text: string) => void
  /** Asks on standard output, gives the line that was typed; '' at the end of input. */
  ask: (question: string) => Promise<string>
  storage: () => Storage
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal
}>

export type OptionsConfig = ParseArgsOptionsConfig

/** The value of an option that takes text, or undefined. */
export function textOption(call: Call, name: OptionName): string | undefined {
  const value = call.options[name]
  return typeof value === 'string' ? value : undefined
}
