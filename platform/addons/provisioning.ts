import { Problem } from '@hokku/kit/problem'
import type { Addon } from '../store/index.ts'
import { refreshVars, type AttachmentEffects } from './attachments.ts'

/** Makes an add-on as its record says, then shows it to its apps. Safe to repeat. */
export async function configure(addonId: string, effects: AttachmentEffects): Promise<void> {
  const { store, catalogue } = effects
  const addon = store.addons.find(addonId)
  if (addon === undefined || !isLive(addon)) return
  const provider = catalogue.service(addon.service)
  await provider.start()
  const made = await provider.provision(store.addons.resource(addonId), addon.plan)
  store.transaction(() => {
    if (made !== undefined) store.addons.setResource(addonId, made)
    const done = store.addons.update(addonId, { state: 'provisioned', task: null, message: null })
    refreshVars(done, addon.state === 'provisioning' ? 'Attach' : 'Update', effects)
  })
}

const isLive = ({ state }: Addon): boolean => state === 'provisioning' || state === 'provisioned'

/** Removes what an add-on's record says, then the record. */
export async function deprovision(addonId: string, effects: AttachmentEffects): Promise<void> {
  const { store, catalogue } = effects
  const addon = store.addons.find(addonId)
  if (addon === undefined) return
  const provider = catalogue.service(addon.service)
  await provider.start()
  await provider.deprovision(store.addons.resource(addonId))
  store.addons.remove(addonId)
}

/** Ends a new add-on that could not be made: only its record stays, with the reason. */
export async function giveUp(
  addonId: string,
  error: unknown,
  { store, catalogue }: AttachmentEffects,
): Promise<void> {
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
