import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '../store/index.ts'
import { AppLog, type AppLogEffects } from './app-log.ts'

/** The logs of the apps that exist, opened when they are first needed. */
export class AppLogs {
  readonly #folder: string
  readonly #apps: Store['apps']
  readonly #effects: AppLogEffects
  readonly #logs = new Map<string, AppLog>()
  /** An app's last lines may come when it is gone: they must not bring its folder back. */
  readonly #removed = new Set<string>()
  readonly #expiry: NodeJS.Timeout

  /** @param folder holds a folder an app, named after its id */
  constructor(folder: string, apps: Store['apps'], effects: AppLogEffects) {
    this.#folder = folder
    this.#apps = apps
    this.#effects = effects
    this.#expiry = setInterval(() => {
      for (const app of apps.list()) this.find(app.id)?.expire()
    }, EXPIRY_INTERVAL_MS).unref()
  }

  find(appId: string): AppLog | undefined {
    const known = this.#logs.get(appId)
    if (known !== undefined) return known
    if (this.#removed.has(appId) || this.#apps.find(appId)?.id !== appId) return undefined
    const log = new AppLog(join(this.#folder, appId), this.#effects)
    this.#logs.set(appId, log)
    return log
  }

  async remove(appId: string): Promise<void> {
    this.#removed.add(appId)
    this.#logs.get(appId)?.close()
    this.#logs.delete(appId)
    await rm(join(this.#folder, appId), { recursive: true, force: true })
  }

  close(): void {
    clearInterval(this.#expiry)
    for (const log of this.#logs.values()) log.close()
    this.#logs.clear()
  }
}

const EXPIRY_INTERVAL_MS = 6 * 3600 * 1000
