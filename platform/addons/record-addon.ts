import { problem, type Addon, type Store } from '../store/index.ts'
import type { AttachmentVarsEffects } from './attachment-vars.ts'
import type { AttachRequest, CreateRequest } from './contract.ts'
import { checkAddonName, inventAddonName } from './names.ts'
import type { Options, Service } from './provider.ts'
import { checkConfirmed, reserve } from './reserve-attachment.ts'

/**
 * Records what is to be made. Names that are free are reserved for it; one that another add-on has
 * is taken only when the new add-on is there to take it.
 *
 * @throws Problem `invalid_params`, `confirmation_required`
 */
export function recordAddon(
  request: CreateRequest,
  attachmentName: 'free' | 'taken',
  effects: AttachmentVarsEffects,
): Addon {
  const { store, catalogue } = effects
  return store.transaction(() => {
    const { provider, plan } = catalogue.choose(request.plan)
    const options = request.options ?? {}
    checkOptions(provider.service, options)
    const addon = store.addons.create({
      appId: request.app.id,
      name: freeName(store, provider.service.addonPrefix, request.name),
      service: provider.service.name,
      plan: plan.name,
      accountId: request.accountId,
      options,
      resource: provider.draft({ plan: plan.name, options }),
    })
    if (attachmentName === 'taken') checkConfirmed(attachRequest(request, addon), effects)
    else reserve(attachRequest(request, addon), effects)
    return addon
  })
}

/** An option that does nothing would promise what is not so, e.g. a copy of a database. */
function checkOptions({ name, options: known = [], instead = {} }: Service, given: Options): void {
  const unknown = Object.keys(given).find((option) => !known.includes(option))
  if (unknown === undefined) return
  const there = known.length === 0 ? 'It has none.' : `It has: ${known.join(', ')}.`
  throw problem('invalid_params', `${name} has no option --${unknown}. ${there}`, {
    hint: instead[unknown] ?? 'Leave the option out.',
  })
}

/** The first attachment of a new add-on. */
export const attachRequest = (request: CreateRequest, addon: Addon): AttachRequest => ({
  app: request.app,
  addon,
  accountId: request.accountId,
  name: request.attachmentName,
  confirm: request.confirm,
})

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
