import type { Mode } from '../mturk/mode.ts'
import type { Market } from '../mturk/operations.ts'
import type { StudyServer } from '../http/study-server.ts'

/** The marketplace for a visitor's mode, on the server's own connections. */
export async function marketOf(server: StudyServer, mode: Mode): Promise<Market> {
  // Loaded on first use: studies without Mechanical Turk never pay for the client.
  const { openMarketplace } = await import('../mturk/marketplace.ts')
  const { study, pool, tables } = server
  return { study, pool, tables, marketplace: openMarketplace(study.settings, mode) }
}
