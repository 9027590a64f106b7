import { problem, type Addon, type Attachment, type Store } from '../store/index.ts'

/** @throws Problem `not_found` in the words by which the CLI knows to look further */
export const addonNotFound = () =>
  problem('not_found', `Couldn't find that add on.`, { details: { resource: 'add_on' } })

/** @throws Problem `not_found` */
export const attachmentNotFound = () =>
  problem('not_found', `Couldn't find that add on attachment.`, {
    details: { resource: 'add_on attachment' },
  })

/**
 * Add-ons that `text` may mean within the apps given: by id, name, attachment, config var, service
 * or plan, the most exact kind of match first. The CLI complains itself about several.
 *
 * @param appIds apps whose add-ons and attachments count
 */
export function matchAddons(store: Store, text: string, appIds: readonly string[]): Addon[] {
  const attachments = appIds.flatMap((id) => store.attachments.ofApp(id))
  const attachedIds = new Set(attachments.map(({ addonId }) => addonId))
  const addons = store.addons
    .list()
    .filter(({ id, appId }) => attachedIds.has(id) || (appId !== null && appIds.includes(appId)))
  const named = new Set(
    attachments.filter((entry) => isNamed(entry, text)).map(({ addonId }) => addonId),
  )
  const kinds: ((addon: Addon) => boolean)[] = [
    ({ id, name }) => id === text || name === text,
    ({ id }) => named.has(id),
    ({ service, plan }) => service === text || `${service}:${plan}` === text,
  ]
  return kinds.map((kind) => addons.filter(kind)).find((found) => found.length > 0) ?? []
}

/** Attachments that `text` may mean: by id, name, config var, or their add-on's name or id. */
export function matchAttachments(
  store: Store,
  text: string,
  appIds: readonly string[],
): Attachment[] {
  const attachments = appIds.flatMap((id) => store.attachments.ofApp(id))
  const exact = attachments.filter((entry) => entry.id === text || isNamed(entry, text))
  if (exact.length > 0) return exact
  const addon = store.addons.find(text)
  return attachments.filter(({ addonId }) => addonId === addon?.id)
}

/** `DATABASE` and `DATABASE_URL` mean the attachment DATABASE, in any case. */
function isNamed({ name }: Attachment, text: string): boolean {
  const raised = text.toUpperCase()
  return raised === name || raised === `${name}_URL`
}
