import { problem, type Endpoints } from '../store/index.ts'
import type { Plan, Provider } from './provider.ts'

export type ChosenPlan = Readonly<{ provider: Provider; plan: Plan }>

/** What can be asked for, over all providers. */
export type Catalogue = Readonly<{
  providers: readonly Provider[]
  /** @throws Problem `not_found` for a service that there is none of */
  service: (name: string) => Provider
  /**
   * `heroku-postgresql`, `heroku-postgresql:mini`, …
   *
   * @throws Problem `invalid_params`
   */
  choose: (text: string) => ChosenPlan
}>

export function createCatalogue(providers: readonly Provider[]): Catalogue {
  const byName = new Map(providers.map((provider) => [provider.service.name, provider]))
  return {
    providers,
    service: (name) => {
      const provider = byName.get(name)
      if (provider !== undefined) return provider
      throw problem('not_found', `Couldn't find that add-on service.`, {
        hint: `There are: ${[...byName.keys()].join(', ')}`,
        details: { resource: 'addon_service' },
      })
    },
    choose: (text) => {
      const [serviceName = '', planName] = text.split(':')
      const provider = byName.get(serviceName)
      const wanted = (planName ?? provider?.service.defaultPlan ?? '').toLowerCase()
      const plan = provider?.service.plans.find(({ name }) => name === wanted)
      if (provider !== undefined && plan !== undefined) return { provider, plan }
      throw notThere(text, provider)
    },
  }

  function notThere(text: string, provider: Provider | undefined) {
    const choices =
      provider === undefined
        ? [...byName.keys()]
        : provider.service.plans.filter((plan) => !plan.retired).map((plan) => plan.name)
    // The CLI lists the plans itself when a message starts like this.
    return problem(
      'invalid_params',
      `Couldn't find either the add-on service or the add-on plan of "${text}".`,
      { hint: `There are: ${choices.join(', ')}` },
    )
  }
}

/** Where the servers of all providers are reached. */
export const endpointsOf = (providers: readonly Provider[]): Endpoints =>
  Object.assign({}, ...providers.map((provider) => provider.endpoints()))
