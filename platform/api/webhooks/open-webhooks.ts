import { readFileSync } from 'node:fs'
import type { Plane } from '../plane.ts'
import { Deliverer } from './deliverer.ts'
import { recordEvents } from './record-events.ts'

/**
 * From now on webhooks get what changes in the store. What lies there from before is delivered.
 *
 * @returns ends deliveries; what is left is delivered after the next start
 */
export function openWebhooks(plane: Plane, onBug: (error: unknown) => void): () => void {
  const { store, authority } = plane
  const deliverer = new Deliverer({
    store,
    authorities: () => readFileSync(authority.bundleFile, 'utf8'),
    onBug,
  })
  store.db.followChanges((changes) => {
    try {
      const isDue = recordEvents(changes, plane)
      if (isDue) store.db.afterCommit(() => deliverer.wake())
    } catch (error) {
      // An app must not fail to be released because an event could not be written.
      onBug(error)
    }
  })
  deliverer.wake()
  return () => deliverer.close()
}
