export { ask, confirm, type Conversation } from './ask.ts'
export { bold, dim, green, red, yellow } from './color.ts'
export { defineCommand, type Definition } from './command.ts'
export { complete } from './complete.ts'
export { completionCommand } from './completion-command.ts'
export type {
  Argument,
  ArgumentTable,
  Call,
  Command,
  Declaration,
  Option,
  OptionTable,
} from './declaration.ts'
export { endWithReader } from './end-with-reader.ts'
export { failureText } from './explain.ts'
export { commandHelp, programHelp } from './help.ts'
export { isMisuse, misuse, nearest, suggest } from './misuse.ts'
export { namesOf, type Commands, type Failure, type Output, type Program } from './program.ts'
export { createProgress, type Progress } from './progress.ts'
export { runProgram } from './run-program.ts'
export { table } from './table.ts'
