import { writeFile } from 'node:fs/promises'
import * as configuration from './configuration-reference.ts'
import * as errors from './error-reference.ts'

/** Writes the references that follow from tables and schemas: `npm run docs:reference`. */
await writeFile(errors.FILE, errors.errorReference())
await writeFile(configuration.FILE, configuration.configurationReference())
