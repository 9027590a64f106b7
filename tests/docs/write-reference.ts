import { writeFile } from 'node:fs/promises'
import * as errors from './error-reference.ts'

/** Writes the references that follow from tables and schemas: `npm run docs:reference`. */
await writeFile(errors.FILE, errors.errorReference())
