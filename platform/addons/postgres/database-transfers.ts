import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  problem,
  type Addon,
  type App,
  type Store,
  type Transfer,
  type TransferLog,
} from '../../store/index.ts'
import { backupFile, removeBackup } from './backup-files.ts'
import { captureWork, connectionFromUrl, restoreWork, type BackupEffects } from './backups.ts'
import type { CopyRequest, RestoreSource, Transfers } from './contract.ts'
import { downloadToken, readDownloadToken } from './download-token.ts'
import { storedDatabase } from './resource.ts'
import { TransferQueue } from './transfer-queue.ts'

export type TransferEffects = BackupEffects &
  Readonly<{ clock: () => Date; onBug: (error: unknown) => void }>

export class DatabaseTransfers implements Transfers {
  readonly #effects: TransferEffects
  readonly #queue: TransferQueue

  constructor(effects: TransferEffects) {
    this.#effects = effects
    this.#queue = new TransferQueue(effects.store, effects.onBug)
  }

  /** @param scheduleId schedule that it is run by */
  capture(addon: Addon, scheduleId: string | null = null): Transfer {
    return this.#queue.add({
      ...ownerOf(addon),
      kind: 'backup',
      fromName: nameOf(this.#effects.store, addon),
      toName: 'BACKUP',
      scheduleId,
      work: captureWork(addon.id, this.#effects),
    })
  }

  restore(addon: Addon, source: RestoreSource, extensions: readonly string[]): Transfer {
    return this.#queue.add({
      ...ownerOf(addon),
      kind: 'restore',
      fromName: 'BACKUP',
      toName: nameOf(this.#effects.store, addon),
      work: restoreWork(addon.id, source, extensions, this.#effects),
    })
  }

  copy(addon: Addon, { fromName, fromUrl, toName, toUrl }: CopyRequest): Transfer {
    const { database } = storedDatabase(addon.id, this.#effects.store)
    if (connectionFromUrl(toUrl).database !== database) {
      throw problem('invalid_params', 'Only a database of an add-on can be copied to.', {
        hint: 'For others use: heroku pg:pull',
      })
    }
    const source = { kind: 'database', connection: connectionFromUrl(fromUrl) } as const
    const work = restoreWork(addon.id, source, [], this.#effects)
    return this.#queue.add({ ...ownerOf(addon), kind: 'copy', fromName, toName, work })
  }

  list({ id }: App): Transfer[] {
    return this.#effects.store.transfers.ofApp(id).map((transfer) => this.#queue.current(transfer))
  }

  get(app: App, key: string): Transfer {
    const transfer = this.#effects.store.transfers.find(app.id, key)
    if (transfer !== undefined) return this.#queue.current(transfer)
    throw problem('not_found', `${app.name} has no such backup.`)
  }

  logs({ id }: Transfer): TransferLog[] {
    return this.#effects.store.transfers.logs(id)
  }

  async cancel(transfer: Transfer): Promise<void> {
    await this.#queue.cancel(transfer)
  }

  async remove(transfer: Transfer): Promise<void> {
    const { folder, store } = this.#effects
    await this.#queue.cancel(transfer)
    await removeBackup(transfer, folder, store)
  }

  async removeAll(appId: string): Promise<void> {
    const { folder, store } = this.#effects
    for (const transfer of store.transfers.ofApp(appId)) await this.#queue.cancel(transfer)
    await rm(join(folder, appId), { recursive: true, force: true })
  }

  downloadToken(transfer: Transfer): string {
    const { store, clock } = this.#effects
    return downloadToken(transfer, store.secrets, clock())
  }

  download(token: string): Readonly<{ transfer: Transfer; file: string }> {
    const { store, folder, clock } = this.#effects
    const id = readDownloadToken(token, store.secrets, clock())
    const transfer = id === undefined ? undefined : store.transfers.findById(id)
    if (transfer?.succeeded === true && transfer.kind === 'backup') {
      return { transfer, file: backupFile(folder, transfer) }
    }
    throw problem('not_found', 'This link has expired, or its backup is gone.')
  }

  async idle(): Promise<void> {
    await this.#queue.idle()
  }

  isBusy(addonId: string): boolean {
    return this.#queue.isBusy(addonId)
  }

  /** At start: records what a dead control plane left unfinished. */
  recover(): void {
    this.#queue.recover()
  }

  async close(): Promise<void> {
    await this.#queue.close()
  }
}

/** The app whose list a transfer appears in. @throws Problem while the database is not there */
function ownerOf(addon: Addon): { appId: string; addonId: string } {
  if (addon.state === 'provisioned' && addon.appId !== null) {
    return { appId: addon.appId, addonId: addon.id }
  }
  throw problem('invalid_params', `${addon.name} is ${addon.state}.`)
}

/** What the owning app calls it: `DATABASE` if it is that. */
function nameOf(store: Store, addon: Addon): string {
  const names = store.attachments
    .ofAddon(addon.id)
    .filter(({ appId }) => appId === addon.appId)
    .map(({ name }) => name)
  return names.find((name) => name === 'DATABASE') ?? names[0] ?? addon.name
}
