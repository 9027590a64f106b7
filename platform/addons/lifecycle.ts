import { createKeyedQueue } from '@hokku/kit/keyed-queue'
import { problem, type Addon, type App, type Store } from '../store/index.ts'
import { attach, detachAll, type AttachmentEffects, type DetachAll } from './attachments.ts'
import type { AddonChange, CreateRequest, Lifecycle } from './contract.ts'
import { outcomeWithin } from './outcome-within.ts'
import { configure, deprovision, giveUp } from './provisioning.ts'
import { attachRequest, recordAddon } from './record-addon.ts'
import { isNameTaken } from './reserve-attachment.ts'

export type LifecycleEffects = AttachmentEffects &
  Readonly<{
    /** How long a caller waits for an add-on before it continues in the background. */
    waitMs?: number
    /** Called with failures in the background. */
    onBug: (error: unknown) => void
  }>

/** Add-ons are recorded in the store first, then made, then released: one step at a time for each. */
export const openLifecycle = (effects: LifecycleEffects): Lifecycle => new AddonLifecycle(effects)

class AddonLifecycle implements Lifecycle {
  readonly #effects: LifecycleEffects
  readonly #waitMs: number
  /** Work on add-ons, by id. */
  readonly #queue = createKeyedQueue()

  constructor(effects: LifecycleEffects) {
    this.#effects = effects
    this.#waitMs = effects.waitMs ?? WAIT_MS
  }

  async create(request: CreateRequest): Promise<Addon> {
    const { store } = this.#effects
    const isTaken = isNameTaken(request.app, request.attachmentName, store)
    const { id } = recordAddon(request, isTaken ? 'taken' : 'free', this.#effects)
    const work = this.#queue.run(id, async () => {
      await configure(id, this.#effects)
      if (isTaken) attach(attachRequest(request, store.addons.get(id)), this.#effects)
    })
    const outcome = await outcomeWithin(work, this.#waitMs)
    if (outcome.kind === 'failed') {
      await giveUp(id, outcome.error, this.#effects)
      store.addons.remove(id)
      throw outcome.error
    }
    if (outcome.kind === 'pending') {
      work.catch((error: unknown) => giveUp(id, error, this.#effects))
    }
    return store.addons.get(id)
  }

  async change({ id }: Addon, accountId: string, next: AddonChange): Promise<Addon> {
    const { store } = this.#effects
    return await this.#queue.run(id, async () => {
      store.transaction(() => {
        if (next.resource !== undefined) {
          store.addons.setResource(id, next.resource(store.addons.resource(id)))
        }
        const plan = next.plan ?? store.addons.get(id).plan
        store.addons.update(id, { plan, task: 'configure', accountId })
      })
      await configure(id, this.#effects)
      return store.addons.get(id)
    })
  }

  async destroy(addon: Addon, accountId: string, force: boolean): Promise<Addon> {
    if (!force) checkUnused(this.#effects.store, addon)
    return await this.#remove({ addon, accountId })
  }

  async removeAll(app: App): Promise<void> {
    for (const addon of this.#effects.store.addons.ofApp(app.id)) {
      await this.#remove({ addon, accountId: app.ownerId, goingAppId: app.id })
    }
  }

  async exclusively<T>(addonId: string, work: () => Promise<T>): Promise<T> {
    const { store, onBug } = this.#effects
    return await this.#queue.run(addonId, async () => {
      store.addons.update(addonId, { task: 'configure' })
      try {
        const result = await work()
        store.addons.update(addonId, { task: null })
        return result
      } catch (error) {
        await configure(addonId, this.#effects).catch(onBug)
        throw error
      }
    })
  }

  async recover(): Promise<void> {
    const { store, catalogue, onBug } = this.#effects
    const addons = store.addons.list()
    const used = new Set(addons.map(({ service }) => service))
    for (const provider of catalogue.providers) {
      if (used.has(provider.service.name)) await provider.start().catch(onBug)
    }
    for (const addon of addons) await this.#resume(addon)
  }

  async idle(): Promise<void> {
    await this.#queue.idle()
  }

  async #remove(request: DetachAll): Promise<Addon> {
    const { store, onBug } = this.#effects
    const { addon, accountId } = request
    const going = store.transaction(() => {
      detachAll(request, this.#effects)
      return store.addons.update(addon.id, { state: 'deprovisioning', accountId })
    })
    const work = this.#queue.run(addon.id, () => deprovision(addon.id, this.#effects))
    work.catch(onBug)
    const outcome = await outcomeWithin(work, this.#waitMs)
    return outcome.kind === 'done' ? { ...going, state: 'deprovisioned' } : going
  }

  async #resume(addon: Addon): Promise<void> {
    const { onBug } = this.#effects
    const { id } = addon
    if (isUnfinished(addon)) {
      await this.#queue
        .run(id, () => configure(id, this.#effects))
        .catch((error: unknown) => {
          onBug(error)
          return giveUp(id, error, this.#effects)
        })
    } else if (isGoing(addon)) {
      await this.#queue.run(id, () => deprovision(id, this.#effects)).catch(onBug)
    }
  }
}

const isUnfinished = ({ state, task }: Addon): boolean =>
  state === 'provisioning' || task === 'configure'

const isGoing = ({ state, appId }: Addon): boolean => state === 'deprovisioning' || appId === null

/** Nearly everything is made within a second or two; the CLI gives up after 60. */
const WAIT_MS = 20_000

function checkUnused(store: Store, addon: Addon): void {
  const others = new Set(
    store.attachments
      .ofAddon(addon.id)
      .filter(({ appId }) => appId !== addon.appId)
      .map(({ appId }) => store.apps.get(appId).name),
  )
  if (others.size === 0) return
  throw problem(
    'invalid_params',
    `${addon.name} is attached to other apps as well: ${[...others].toSorted().join(', ')}`,
    { hint: 'Detach it there first, or destroy it all the same with --force' },
  )
}
