import { problem, type App, type Attachment, type Store } from '../store/index.ts'
import { removeAttachment, type AttachmentVarsEffects } from './attachment-vars.ts'
import type { AttachRequest } from './contract.ts'
import { checkAttachmentName } from './names.ts'

/** Names for new attachments, and the attachments that have to give way to them. */
export type Names = Readonly<{ names: readonly string[]; inTheWay: readonly Attachment[] }>

/** What was attached, and what had to give way. */
export type Reserved = Readonly<{
  made: readonly Attachment[]
  replaced: readonly Attachment[]
}>

/** Whether an attachment of the app has that name. */
export const isNameTaken = (app: App, name: string | undefined, store: Store): boolean =>
  name !== undefined &&
  store.attachments.ofApp(app.id).some((entry) => entry.name === checkAttachmentName(name))

/**
 * Makes the attachment records, without config vars: those follow when the add-on is there, and
 * overwrite what the user has agreed to lose.
 *
 * @throws Problem `invalid_params`, `confirmation_required`
 */
export function reserve(request: AttachRequest, effects: AttachmentVarsEffects): Reserved {
  const { app, addon } = request
  const { store } = effects
  const namespace = checkNamespace(request, effects)
  const { names, inTheWay } = checkConfirmed(request, effects)
  for (const attachment of inTheWay) removeAttachment(attachment, effects)
  const made = names.map((name) =>
    store.attachments.create({ appId: app.id, addonId: addon.id, name, namespace }),
  )
  return { made, replaced: inTheWay }
}

/** @throws Problem `confirmation_required` when something would be lost without agreement */
export function checkConfirmed(request: AttachRequest, effects: AttachmentVarsEffects): Names {
  const { app } = request
  const names = namesFor(request, effects)
  const inTheWay = effects.store.attachments
    .ofApp(app.id)
    .filter(({ name }) => names.includes(name))
  const own = ownVarsInTheWay(request, names, effects)
  const losesAny = inTheWay.length > 0 || own.length > 0
  if (losesAny && request.confirm !== app.name) throw confirmationRequired(app, inTheWay, own)
  return { names, inTheWay }
}

function checkNamespace(
  { addon, namespace }: AttachRequest,
  { store, catalogue }: AttachmentVarsEffects,
): string | null {
  if (namespace === undefined || namespace === null || namespace === '') return null
  const known = catalogue.service(addon.service).namespaces(store.addons.resource(addon.id))
  if (known.includes(namespace)) return namespace
  throw problem('invalid_params', `${addon.name} has no ${namespace.replace(':', ' ')}.`)
}

/** The user's name, or the ones that the provider chooses. */
function namesFor(
  { app, addon, name }: AttachRequest,
  { store, catalogue }: AttachmentVarsEffects,
): string[] {
  if (name !== undefined) return [checkAttachmentName(name)]
  const present = store.attachments.ofApp(app.id)
  const ofService = present.filter(
    ({ addonId }) => store.addons.get(addonId).service === addon.service,
  )
  return catalogue.service(addon.service).attachmentNames({
    attachments: present.map((entry) => entry.name),
    configVars: store.configVars.list(app.id).map((entry) => entry.name),
    ofService: ofService.map((entry) => entry.name),
  })
}

/** Config vars of the user's own that the new attachments would overwrite. */
function ownVarsInTheWay(
  { app, addon }: AttachRequest,
  names: readonly string[],
  { store, catalogue }: AttachmentVarsEffects,
): string[] {
  const resource = store.addons.resource(addon.id)
  const provider = catalogue.service(addon.service)
  const varsUnder = (name: string): string[] =>
    Object.keys(provider.configVars(resource, { name, namespace: null })).filter((variable) =>
      variable.startsWith(name),
    )
  const wanted = new Set(names.flatMap(varsUnder))
  return store.configVars
    .list(app.id)
    .filter(({ name, attachmentId }) => attachmentId === null && wanted.has(name))
    .map(({ name }) => name)
}

function confirmationRequired(
  app: App,
  attachments: readonly Attachment[],
  own: readonly string[],
) {
  const what =
    attachments.length > 0
      ? `The attachment ${attachments.map(({ name }) => name).join(', ')} of ${app.name}`
      : `The config var ${own.join(', ')} of ${app.name}`
  return problem('confirmation_required', `${what} exists already and would be overwritten.`, {
    details: { app: { name: app.name } },
  })
}
