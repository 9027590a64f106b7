import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

// node bench/engine/main.ts [name…]: all measurements, or those named, one after the other.
const ALL = ['events', 'import', 'als', 'queries', 'batch-predict', 'memory']
const named = process.argv.slice(2)

for (const name of named.length > 0 ? named : ALL) {
  console.log(`\n# ${name}\n`)
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
