import { flushCompileCache } from 'node:module'

/**
 * Loads what the platform's processes load, so that its compiled form is in the compile cache and
 * the processes themselves start without a TypeScript compiler (about 20 MB each).
 */
await import('../plane/plane.ts')
await import('../web/index.ts')
await import('../router/router.ts')
await import('./supervisor/supervisor.ts')
flushCompileCache()
