import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '@hokku/kit/problem'
import { problem, type Addon, type App, type Store } from '../store/index.ts'
import type { Attachments } from './attachments.ts'
import type { Catalogue } from './catalogue.ts'
import { createKeyedQueue } from '@hokku/kit/keyed-queue'
import { checkAddonName, inventAddonName } from './names.ts'
import type { Options } from './provider.ts'

export type CreateRequest = Readonly<{
  app: App
  accountId: string
  /** `SERVICE` or `SERVICE:PLAN`. */
  plan: string
  name?: string | undefined
  attachmentName?: string | undefined
  options?: Options
  confirm?: string | undefined
}>

export type LifecycleEffects = Readonly<{
  store: Store
  catalogue: Catalogue
  attachments: Attachments
  /** How long a caller waits for an add-on before it goes on in the background. */
  waitMs?: number
  /** Told of failures in the background. */
  onBug: (error: unknown) => void
}>

export type Lifecycle = ReturnType<typeof openLifecycle>

/** Creation, change and end of add-ons: announced in the store first, then made, then released. */
export function openLifecycle(effects: LifecycleEffects) {
  const { store, catalogue, attachments, onBug, waitMs = WAIT_MS } = effects
  const lines = createKeyedQueue()

  const accountFor =
    (addon: Addon) =>
    (appId: string): string =>
      addon.accountId ?? store.apps.get(appId).ownerId

  /** Makes an add-on as its record says, then shows it to its apps. Safe to repeat. */
  const configure = async (addonId: string): Promise<void> => {
    const addon = store.addons.find(addonId)
    if (addon?.state !== 'provisioning' && addon?.state !== 'provisioned') return
    const provider = catalogue.service(addon.service)
    await provider.start()
    const made = await provider.provision(store.addons.resource(addonId), addon.plan)
    store.transaction(() => {
      if (made !== undefined) store.addons.setResource(addonId, made)
      const isNew = addon.state === 'provisioning'
      const done = store.addons.update(addonId, { state: 'provisioned', task: null, message: null })
      attachments.update(done, accountFor(done), isNew ? 'Attach' : 'Update')
    })
  }

  const deprovision = async (addonId: string): Promise<void> => {
    const addon = store.addons.find(addonId)
    if (addon === undefined) return
    const provider = catalogue.service(addon.service)
    await provider.start()
    await provider.deprovision(store.addons.resource(addonId))
    store.addons.remove(addonId)
  }

  /** A new add-on that could not be made: nothing of it stays but the word why. */
  const giveUp = async (addonId: string, error: unknown): Promise<void> => {
    const addon = store.addons.find(addonId)
    if (addon?.state !== 'provisioning') return
    const message = error instanceof Problem ? error.message : 'Something went wrong on our side.'
    store.transaction(() => {
      for (const { id } of store.attachments.ofAddon(addonId)) store.attachments.remove(id)
      store.addons.update(addonId, { state: 'deprovisioned', message })
    })
    await catalogue
      .service(addon.service)
      .deprovision(store.addons.resource(addonId))
      .catch(() => {})
  }

  /**
   * Writes down what is to be. Names that are free are kept for it; one that another add-on has is
   * taken only when there is something to take it for.
   */
  const record = (request: CreateRequest, replaces: boolean): Addon =>
    store.transaction(() => {
      const { provider, plan } = catalogue.choose(request.plan)
      const options = request.options ?? {}
      const addon = store.addons.create({
        appId: request.app.id,
        name: freeName(store, provider.service.addonPrefix, request.name),
        service: provider.service.name,
        plan: plan.name,
        accountId: request.accountId,
        options,
        resource: provider.draft({ plan: plan.name, options }),
      })
      if (replaces) attachments.checkConfirmed(attachRequest(request, addon))
      else attachments.reserve(attachRequest(request, addon))
      return addon
    })

  const remove = async (addon: Addon, accountId: string, goingAppId?: string): Promise<Addon> => {
    const going = store.transaction(() => {
      attachments.detachAll(addon, accountId, goingAppId)
      return store.addons.update(addon.id, { state: 'deprovisioning', accountId })
    })
    const done = await Promise.race([
      lines
        .run(addon.id, () => deprovision(addon.id))
        .then(
          () => true,
          (error: unknown) => onBug(error),
        ),
      sleep(waitMs, false, { ref: false }),
    ])
    return done === true ? { ...going, state: 'deprovisioned' } : going
  }

  return {
    /**
     * Creates an add-on and waits a while for it; what takes longer goes on in the background and
     * shows as `provisioning`.
     *
     * @throws Problem `invalid_params`, `confirmation_required`, `addon_unavailable`
     */
    create: async (request: CreateRequest): Promise<Addon> => {
      const replaces = attachments.isTaken(request.app, request.attachmentName)
      const addon = record(request, replaces)
      const work = lines.run(addon.id, async () => {
        await configure(addon.id)
        if (replaces) attachments.attach(attachRequest(request, store.addons.get(addon.id)))
      })
      const outcome = await Promise.race([
        work.then(
          () => ({ done: true }) as const,
          (error: unknown) => ({ error }) as const,
        ),
        sleep(waitMs, {} as const, { ref: false }),
      ])
      if ('error' in outcome) {
        await giveUp(addon.id, outcome.error)
        store.addons.remove(addon.id)
        throw outcome.error
      }
      if (!('done' in outcome)) work.catch((error: unknown) => giveUp(addon.id, error))
      return store.addons.get(addon.id)
    },

    /** Announces a change of an add-on's record, makes it, and releases what follows. */
    change: async (
      addon: Addon,
      accountId: string,
      next: Readonly<{ plan?: string; resource?: (resource: unknown) => unknown }>,
    ): Promise<Addon> =>
      lines.run(addon.id, async () => {
        store.transaction(() => {
          const { resource } = next
          if (resource)
            store.addons.setResource(addon.id, resource(store.addons.resource(addon.id)))
          const plan = next.plan ?? store.addons.get(addon.id).plan
          store.addons.update(addon.id, { plan, task: 'configure', accountId })
        })
        await configure(addon.id)
        return store.addons.get(addon.id)
      }),

    /**
     * Takes an add-on from its apps, then removes it; `deprovisioned` when that is through.
     *
     * @throws Problem `invalid_params` while other apps use it, unless forced
     */
    destroy: async (addon: Addon, accountId: string, force: boolean): Promise<Addon> => {
      if (!force) checkUnused(store, addon)
      return remove(addon, accountId)
    },

    /** Removes everything that an app owns, while the app itself is going. */
    removeAll: async (app: App): Promise<void> => {
      for (const addon of store.addons.ofApp(app.id)) await remove(addon, app.ownerId, app.id)
    },

    /**
     * Work of a provider's own that needs the add-on to itself, e.g. the swap at the end of a
     * restore. If it fails or the plane dies, the add-on is made as its record says.
     */
    exclusively: <T>(addonId: string, work: () => Promise<T>): Promise<T> =>
      lines.run(addonId, async () => {
        store.addons.update(addonId, { task: 'configure' })
        try {
          const result = await work()
          store.addons.update(addonId, { task: null })
          return result
        } catch (error) {
          await configure(addonId).catch(onBug)
          throw error
        }
      }),

    /** At start: goes on with what a dead plane left unfinished, and starts what is in use. */
    recover: async (): Promise<void> => {
      const addons = store.addons.list()
      const used = new Set(addons.map(({ service }) => service))
      for (const { service, start } of catalogue.providers) {
        if (used.has(service.name)) await start().catch(onBug)
      }
      for (const addon of addons) {
        const unfinished = addon.state === 'provisioning' || addon.task === 'configure'
        const work = unfinished
          ? lines
              .run(addon.id, () => configure(addon.id))
              .catch((error: unknown) => {
                onBug(error)
                return giveUp(addon.id, error)
              })
          : addon.state === 'deprovisioning' || addon.appId === null
            ? lines.run(addon.id, () => deprovision(addon.id)).catch(onBug)
            : undefined
        await work
      }
    },

    idle: lines.idle,
  }
}

const attachRequest = (request: CreateRequest, addon: Addon) => ({
  app: request.app,
  addon,
  accountId: request.accountId,
  name: request.attachmentName,
  confirm: request.confirm,
})

/** Nearly everything is made within a second or two; the CLI gives up after 60. */
const WAIT_MS = 20_000

function freeName(store: Store, prefix: string, wanted: string | undefined): string {
  if (wanted !== undefined) {
    if (store.addons.find(checkAddonName(wanted)) === undefined) return wanted
    throw problem('invalid_params', `The add-on name ${wanted} is already taken.`)
  }
  for (;;) {
    const name = inventAddonName(prefix)
    if (store.addons.find(name) === undefined) return name
  }
}

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
