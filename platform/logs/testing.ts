import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { homeAt, openStore } from '../store/index.ts'
import { openLogs } from './logs.ts'

/** A platform's store and logs in their own folder, with one app; all gone after the test. */
export function openTestLogs(t: TestContext) {
  const home = homeAt(mkdtempSync(join(tmpdir(), 'hokku-logs-')))
  const store = openStore(home)
  const account = store.accounts.create('owner@example.com')
  const app = store.apps.create('demo', account.id)
  let logs = openLogs({ home, store })
  t.after(async () => {
    await logs.close()
    store.close()
    rmSync(home.root, { recursive: true, force: true })
  })
  return {
    home,
    store,
    account,
    app,
    get logs() {
      return logs
    },
    /** Lets go of everything and starts again, as a restarted control plane does. */
    reopen: async (): Promise<void> => {
      await logs.close()
      logs = openLogs({ home, store })
    },
    file: (name: string): string => join(home.root, name),
    /** Messages of the newest lines, without time, source and process. */
    messages: (lines = 1500): string[] =>
      logs.recent(app.id, lines).map((line) => line.replace(/^\S+ \S+: /, '')),
  }
}

/** Waits until `holds`, and fails after twenty seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await setTimeout(10)) {
    if (holds()) return
  }
  throw new Error(`timed out waiting for: ${what}`)
}

const PATIENCE_MS = 20_000
