import type { Attachment, Store } from '../store/index.ts'
import type { Catalogue } from './catalogue.ts'

export type AttachmentVarsEffects = Readonly<{ store: Store; catalogue: Catalogue }>

/** The config vars of an attachment as its provider gives them now. */
export function varsOf(
  attachment: Attachment,
  { store, catalogue }: AttachmentVarsEffects,
): Record<string, string> {
  const { service } = store.addons.get(attachment.addonId)
  const resource = store.addons.resource(attachment.addonId)
  return catalogue.service(service).configVars(resource, attachment)
}

/** Sets the vars of an attachment in its app. @returns whether any changed */
export function writeVars(attachment: Attachment, effects: AttachmentVarsEffects): boolean {
  const { store } = effects
  const present = new Map(store.configVars.list(attachment.appId).map((v) => [v.name, v]))
  const changed = Object.entries(varsOf(attachment, effects)).filter(([name, value]) => {
    const before = present.get(name)
    const isOwn = before?.attachmentId === attachment.id
    // Vars outside the attachment's name are set only while no other attachment sets them.
    const isOurs = name.startsWith(attachment.name) || before === undefined || isOwn
    return isOurs && !(isOwn && before.value === value)
  })
  for (const [name, value] of changed) {
    store.configVars.set(attachment.appId, { name, value, attachmentId: attachment.id })
  }
  return changed.length > 0
}

/** Removes an attachment with its config vars. */
export function removeAttachment(attachment: Attachment, effects: AttachmentVarsEffects): void {
  const { store } = effects
  store.configVars.unsetAttachment(attachment.id)
  store.attachments.remove(attachment.id)
  // A var that two could set, e.g. AWS_ENDPOINT_URL_S3, goes to the one that remains.
  for (const other of store.attachments.ofApp(attachment.appId)) {
    if (store.addons.get(other.addonId).state === 'provisioned') writeVars(other, effects)
  }
}
