import { Problem } from '@hokku/kit/problem'
import { startEmbedded } from '@hokku/postgres'

/** Starts the PostgreSQL of a folder, with the settings of its last start; ends when it answers. */
const [directory = ''] = process.argv.slice(2)
try {
  await startEmbedded({ directory })
  process.exit(0)
} catch (error) {
  if (!(error instanceof Problem)) throw error
  console.error([error.message, error.hint].filter(Boolean).join(' '))
  process.exit(1)
}
