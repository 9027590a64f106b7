import { flushCompileCache } from 'node:module'
import { join } from 'node:path'

/**
 * Loads what the platform's processes load, so that its compiled form is in the compile cache and
 * the processes themselves start without a TypeScript compiler (about 20 MB each).
 */
const LOADED = [
  'plane/plane.ts',
  'web/index.ts',
  'router/router.ts',
  'cli/supervisor/supervisor.ts',
]

for (const file of LOADED) await import(join(import.meta.dirname, '..', file))
flushCompileCache()
