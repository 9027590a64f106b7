import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from './store.ts'

export type TestStore = Disposable &
  Readonly<{
    store: Store
    /** Folder of its database and key. */
    folder: string
    /** Moves the clock, which stands still otherwise. */
    wait: (ms: number) => void
  }>

/** A store on a fresh database whose clock starts at 2030-01-01. */
export function openTestStore(): TestStore {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-store-'))
  let at = Date.UTC(2030, 0, 1)
  const files = { database: join(folder, 'hokku.sqlite'), key: join(folder, 'key') }
  const store = openStore(files, () => new Date(at))
  return {
    store,
    folder,
    wait: (ms) => {
      at += ms
    },
    [Symbol.dispose]: () => {
      store.close()
      rmSync(folder, { recursive: true })
    },
  }
}
