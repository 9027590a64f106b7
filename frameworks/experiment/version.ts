import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Our own version. */
export function ownVersion(): string {
  const manifest = readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
