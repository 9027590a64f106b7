export { PythonFailure, type FailureKind } from './failure.ts'
export type { PythonAnswer, PythonCall } from './call.ts'
export type { PythonLimits, PythonOptions } from './options.ts'
export { PythonProcess } from './python-process.ts'
