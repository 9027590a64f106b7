export { bold, dim, green, red, yellow } from './colour.ts'
export { createProgress, type Progress } from './progress.ts'
export { table } from './table.ts'
