import type { ReleaseRequest } from '../releases/index.ts'
import type { Addon, Attachment } from '../store/index.ts'
import { removeAttachment, writeVars, type AttachmentVarsEffects } from './attachment-vars.ts'
import type { AttachRequest } from './contract.ts'
import { reserve } from './reserve-attachment.ts'

export type AttachmentEffects = AttachmentVarsEffects &
  Readonly<{ createRelease: (request: ReleaseRequest) => unknown }>

/**
 * Attaches an add-on that is there. What had the name gives way: then there are two releases, and
 * both have the new config vars, so that no dyno starts without.
 *
 * @throws Problem `invalid_params`, `confirmation_required`
 */
export function attach(request: AttachRequest, effects: AttachmentEffects): Attachment {
  const { addon, accountId } = request
  const { store } = effects
  return store.transaction(() => {
    const { made, replaced } = reserve(request, effects)
    const [first] = made
    if (first === undefined) throw new Error('an attachment without a name')
    // While it is being provisioned there is nothing to set; the end of that releases it.
    const isThere = addon.state === 'provisioned'
    if (isThere) for (const entry of made) writeVars(entry, effects)
    for (const old of replaced) detachRelease([old], accountId, effects)
    if (isThere) release({ verb: 'Attach', attachments: made, addon, accountId }, effects)
    return first
  })
}

export const detach = (
  attachment: Attachment,
  accountId: string,
  effects: AttachmentEffects,
): void =>
  effects.store.transaction(() => {
    removeAttachment(attachment, effects)
    detachRelease([attachment], accountId, effects)
  })

export type DetachAll = Readonly<{
  addon: Addon
  accountId: string
  /** App that is being destroyed: nothing may start there any more. */
  goingAppId?: string | undefined
}>

/** Takes away every attachment of an add-on, with one release an app. */
export function detachAll(request: DetachAll, effects: AttachmentEffects): void {
  const { addon, accountId, goingAppId } = request
  const { store } = effects
  store.transaction(() => {
    const attachments = store.attachments.ofAddon(addon.id)
    for (const attachment of attachments) removeAttachment(attachment, effects)
    const staying = attachments.filter(({ appId }) => appId !== goingAppId)
    for (const ofApp of byApp(staying)) detachRelease(ofApp, accountId, effects)
  })
}

/** Writes all vars of an add-on anew, with a release in each app where that changes any. */
export function refreshVars(
  addon: Addon,
  verb: 'Attach' | 'Update',
  effects: AttachmentEffects,
): void {
  const { store } = effects
  store.transaction(() => {
    const changed = store.attachments.ofAddon(addon.id).filter((one) => writeVars(one, effects))
    for (const attachments of byApp(changed)) {
      const [{ appId }] = attachments
      const accountId = addon.accountId ?? store.apps.get(appId).ownerId
      release({ verb, attachments, addon, accountId }, effects)
    }
  })
}

/** Attachments of one app each, in the order in which the apps first appear. */
function byApp(attachments: readonly Attachment[]): [Attachment, ...Attachment[]][] {
  const groups = new Map<string, [Attachment, ...Attachment[]]>()
  for (const attachment of attachments) {
    const group = groups.get(attachment.appId)
    if (group === undefined) groups.set(attachment.appId, [attachment])
    else group.push(attachment)
  }
  return [...groups.values()]
}

function detachRelease(
  attachments: readonly [Attachment, ...Attachment[]],
  accountId: string,
  effects: AttachmentEffects,
): void {
  const addon = effects.store.addons.get(attachments[0].addonId)
  release({ verb: 'Detach', attachments, addon, accountId }, effects)
}

type AttachmentRelease = Readonly<{
  verb: 'Attach' | 'Detach' | 'Update'
  attachments: readonly Attachment[]
  addon: Addon
  accountId: string
}>

/** One release that says what was attached, in Heroku's wording. */
function release(
  { verb, attachments, addon, accountId }: AttachmentRelease,
  { createRelease }: AttachmentEffects,
): void {
  const [first] = attachments
  if (first === undefined) return
  const names = verb === 'Attach' ? [first] : attachments
  const suffix = verb === 'Update' ? `by ${addon.service}` : `(@ref:${addon.name})`
  createRelease({
    appId: first.appId,
    accountId,
    description: `${verb} ${names.map(({ name }) => name).join(', ')} ${suffix}`,
    releasePhase: verb === 'Attach',
  })
}
