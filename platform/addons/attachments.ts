import type { Releases } from '../releases/index.ts'
import { problem, type Addon, type App, type Attachment, type Store } from '../store/index.ts'
import type { Catalogue } from './catalogue.ts'
import { checkAttachmentName } from './names.ts'

export type AttachmentEffects = Readonly<{
  store: Store
  releases: Pick<Releases, 'create'>
  catalogue: Catalogue
}>

export type AttachRequest = Readonly<{
  app: App
  addon: Addon
  accountId: string
  /** Undefined for names by the provider's custom. */
  name?: string | undefined
  namespace?: string | null | undefined
  /** The app's name: agreement to take the name from another add-on or from the user. */
  confirm?: string | undefined
}>

/** Attachments and the config vars and releases that follow from them. */
export type Attachments = ReturnType<typeof openAttachments>

export function openAttachments(effects: AttachmentEffects) {
  const { store, releases, catalogue } = effects

  /** Names for a new attachment: the user's one, or the provider's. */
  const namesFor = (app: App, addon: Addon, name: string | undefined): string[] => {
    if (name !== undefined) return [checkAttachmentName(name)]
    const present = store.attachments.ofApp(app.id)
    const sameService = present.filter(
      ({ addonId }) => store.addons.get(addonId).service === addon.service,
    )
    return catalogue.service(addon.service).attachmentNames({
      attachments: present.map((entry) => entry.name),
      configVars: store.configVars.list(app.id).map((entry) => entry.name),
      ofService: sameService.map((entry) => entry.name),
    })
  }

  const varsOf = (attachment: Attachment): Record<string, string> => {
    const { service } = store.addons.get(attachment.addonId)
    const resource = store.addons.resource(attachment.addonId)
    return catalogue.service(service).configVars(resource, attachment)
  }

  /** Sets the vars of an attachment as its provider now gives them. @returns whether any changed */
  const writeVars = (attachment: Attachment): boolean => {
    const present = new Map(store.configVars.list(attachment.appId).map((v) => [v.name, v]))
    const wanted = Object.entries(varsOf(attachment)).filter(
      ([name]) => name.startsWith(attachment.name) || isFree(present.get(name), attachment),
    )
    let changed = false
    for (const [name, value] of wanted) {
      const before = present.get(name)
      if (before?.value === value && before.attachmentId === attachment.id) continue
      store.configVars.set(attachment.appId, { name, value, attachmentId: attachment.id })
      changed = true
    }
    return changed
  }

  /**
   * Names for an attachment, and the attachments that would have to give way.
   *
   * @throws Problem `confirmation_required`
   */
  const checkConfirmed = (request: AttachRequest): { names: string[]; inTheWay: Attachment[] } => {
    const { app, addon } = request
    const names = namesFor(app, addon, request.name)
    const inTheWay = store.attachments.ofApp(app.id).filter(({ name }) => names.includes(name))
    const own = ownVarsInTheWay(request, names)
    if ((inTheWay.length > 0 || own.length > 0) && request.confirm !== app.name) {
      throw confirmationRequired(app, inTheWay, own)
    }
    return { names, inTheWay }
  }

  /**
   * Makes the attachment records, without config vars: those follow when the add-on is there, and
   * overwrite what the user has agreed to lose.
   *
   * @returns what was attached, and what had to give way
   * @throws Problem `confirmation_required`
   */
  const reserve = (request: AttachRequest): { made: Attachment[]; replaced: Attachment[] } => {
    const { app, addon } = request
    const namespace = checkNamespace(request)
    const { names, inTheWay } = checkConfirmed(request)
    for (const attachment of inTheWay) remove(attachment)
    const made = names.map((name) =>
      store.attachments.create({ appId: app.id, addonId: addon.id, name, namespace }),
    )
    return { made, replaced: inTheWay }
  }

  const checkNamespace = ({ addon, namespace }: AttachRequest): string | null => {
    if (namespace === undefined || namespace === null || namespace === '') return null
    const known = catalogue.service(addon.service).namespaces(store.addons.resource(addon.id))
    if (known.includes(namespace)) return namespace
    throw problem('invalid_params', `${addon.name} has no ${namespace.replace(':', ' ')}.`)
  }

  /** Config vars of the user's own that the new attachments would overwrite. */
  const ownVarsInTheWay = ({ app, addon }: AttachRequest, names: readonly string[]): string[] => {
    const resource = store.addons.resource(addon.id)
    const provider = catalogue.service(addon.service)
    const wanted = new Set(
      names.flatMap((name) =>
        Object.keys(provider.configVars(resource, { name, namespace: null })).filter((variable) =>
          variable.startsWith(name),
        ),
      ),
    )
    return store.configVars
      .list(app.id)
      .filter(({ name, attachmentId }) => attachmentId === null && wanted.has(name))
      .map(({ name }) => name)
  }

  const remove = (attachment: Attachment): void => {
    store.configVars.unsetAttachment(attachment.id)
    store.attachments.remove(attachment.id)
    // A var that two could set, e.g. AWS_ENDPOINT_URL_S3, goes to the one that remains.
    for (const other of store.attachments.ofApp(attachment.appId)) {
      if (store.addons.get(other.addonId).state === 'provisioned') writeVars(other)
    }
  }

  /** One release that says what was attached. */
  const release = (
    verb: 'Attach' | 'Detach' | 'Update',
    attachments: readonly Attachment[],
    addon: Addon,
    accountId: string,
  ): void => {
    const [first] = attachments
    if (first === undefined) return
    const names = attachments.map(({ name }) => name).join(', ')
    const suffix = verb === 'Update' ? `by ${addon.service}` : `(@ref:${addon.name})`
    releases.create({
      appId: first.appId,
      accountId,
      description: `${verb} ${verb === 'Attach' ? first.name : names} ${suffix}`,
      releasePhase: verb === 'Attach',
    })
  }

  return {
    varsOf,
    reserve,
    checkConfirmed,
    /** Whether an attachment of the app has that name. */
    isTaken: (app: App, name: string | undefined): boolean =>
      name !== undefined &&
      store.attachments.ofApp(app.id).some((entry) => entry.name === checkAttachmentName(name)),
    /**
     * Attaches an add-on that is there. Whatever had the name gives way: then there are two
     * releases, and both have the new config vars, so that no dyno starts without.
     */
    attach: (request: AttachRequest): Attachment =>
      store.transaction(() => {
        const { made, replaced } = reserve(request)
        const [first] = made
        if (first === undefined) throw new Error('an attachment without a name')
        // While it is being provisioned there is nothing to set; the end of that releases it.
        const isThere = request.addon.state === 'provisioned'
        if (isThere) for (const entry of made) writeVars(entry)
        for (const old of replaced) {
          release('Detach', [old], store.addons.get(old.addonId), request.accountId)
        }
        if (isThere) release('Attach', made, request.addon, request.accountId)
        return first
      }),
    detach: (attachment: Attachment, accountId: string): void =>
      store.transaction(() => {
        remove(attachment)
        release('Detach', [attachment], store.addons.get(attachment.addonId), accountId)
      }),
    /**
     * Takes away every attachment of an add-on, with one release an app.
     *
     * @param goingAppId app that is being destroyed: nothing may start there any more
     */
    detachAll: (addon: Addon, accountId: string, goingAppId?: string): void =>
      store.transaction(() => {
        const attachments = store.attachments.ofAddon(addon.id)
        for (const attachment of attachments) remove(attachment)
        const appIds = new Set(attachments.map((entry) => entry.appId))
        for (const appId of [...appIds].filter((id) => id !== goingAppId)) {
          const ofApp = attachments.filter((entry) => entry.appId === appId)
          release('Detach', ofApp, addon, accountId)
        }
      }),
    /** Writes all vars of an add-on anew, with a release in each app where that changes any. */
    update: (addon: Addon, accountIdFor: (appId: string) => string, verb: 'Attach' | 'Update') =>
      store.transaction(() => {
        const changed = store.attachments.ofAddon(addon.id).filter(writeVars)
        for (const appId of new Set(changed.map((entry) => entry.appId))) {
          const ofApp = changed.filter((entry) => entry.appId === appId)
          release(verb, ofApp, addon, accountIdFor(appId))
        }
      }),
  }
}

const isFree = (
  present: { attachmentId: string | null } | undefined,
  attachment: Attachment,
): boolean => present === undefined || present.attachmentId === attachment.id

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
