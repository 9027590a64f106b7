import { createLog } from '../log.ts'
import { startShell } from '../shell/shell.ts'
import { openStorage } from '../storage/storage.ts'

const log = createLog((text) => void process.stdout.write(text))
for (const word of process.argv.slice(2)) {
  if (word.startsWith('--'))
    log.warn('Shell$', `${word} has no effect here: there is no Spark below.`)
}
const storage = openStorage(process.env)
try {
  await startShell(storage, { input: process.stdin, output: process.stdout })
} catch (error) {
  log.error('Shell$', error instanceof Error ? error.message : String(error))
  process.exitCode = 1
} finally {
  await storage.close()
}
