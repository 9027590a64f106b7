import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderConfig } from '../store/index.ts'
import type { Provider } from './provider.ts'

export type ContractSubject = Readonly<{
  provider: () => Provider
  /** Uses the add-on with the config vars of an attachment; throws if it does not work. */
  use: (config: Readonly<Record<string, string>>) => Promise<void>
}>

/** What every provider must keep to, regardless of what it runs; called from the provider's own test file. */
export function testProviderContract(name: string, { provider, use }: ContractSubject): void {
  const request = () => ({ plan: provider().service.defaultPlan, options: {} })
  /** The record as it is after that, the way the lifecycle keeps it. */
  const provision = async (resource: unknown, plan = request().plan): Promise<unknown> =>
    (await provider().provision(resource, plan)) ?? resource
  const attachment = { name: 'CHOSEN', namespace: null }
  const configOf = (resource: unknown, attached = attachment): Record<string, string> => {
    const vars = Object.entries(provider().configVars(resource, attached))
    return renderConfig(
      vars.map(([key, value]) => ({ name: key, value, attachmentId: 'any' })),
      provider().endpoints(),
    )
  }

  test(`${name}: the default plan is one of its plans, and plan names are unique`, () => {
    const { plans, defaultPlan } = provider().service
    const names = plans.map((plan) => plan.name)

    assert.ok(names.includes(defaultPlan))
    assert.equal(new Set(names).size, names.length)
    assert.ok(names.every((plan) => /^[a-z0-9][a-z0-9-]*$/.test(plan)))
  })

  test(`${name}: drafting makes nothing, is JSON, and is never the same twice`, () => {
    const [one, two] = [provider().draft(request()), provider().draft(request())]

    assert.deepEqual(JSON.parse(JSON.stringify(one)), one)
    assert.notDeepEqual(one, two)
  })

  test(`${name}: what is provisioned works with the config vars of its attachment`, async () => {
    await provider().start()

    const resource = await provision(provider().draft(request()))

    const config = configOf(resource)
    await use(config)
    assert.ok(Object.keys(config).some((key) => key.startsWith('CHOSEN_')))
    await provider().deprovision(resource)
  })

  test(`${name}: addresses name a server by reference, and never say localhost`, async () => {
    const resource = await provision(provider().draft(request()))
    const stored = provider().configVars(resource, attachment)
    const rendered = Object.values(configOf(resource))

    assert.ok(Object.values(stored).some((value) => value.includes('{{endpoint:')))
    assert.ok(rendered.every((value) => !/localhost|\{\{/.test(value)))
    await provider().deprovision(resource)
  })

  test(`${name}: provisioning again changes nothing`, async () => {
    const resource = await provision(provider().draft(request()))

    assert.deepEqual(await provision(resource), resource)

    await use(configOf(resource))
    await provider().deprovision(resource)
  })

  test(`${name}: what a crash cut off before it was written down is made again`, async () => {
    const draft = provider().draft(request())
    await provision(draft)

    const resource = await provision(draft)

    await use(configOf(resource))
    await provider().deprovision(resource)
  })

  test(`${name}: after a rotation the new config works and the old one does not`, async () => {
    const before = await provision(provider().draft(request()))

    const next = await provision(provider().rotate(before, null))

    await use(configOf(next))
    await assert.rejects(use(configOf(before)))
    await provider().deprovision(next)
  })

  test(`${name}: after deprovisioning nothing answers, and doing it again is fine`, async () => {
    const resource = await provision(provider().draft(request()))

    await provider().deprovision(resource)
    await provider().deprovision(resource)

    await assert.rejects(use(configOf(resource)))
  })

  test(`${name}: every plan can be changed to`, async () => {
    let resource = provider().draft(request())

    for (const { name: plan } of provider().service.plans)
      resource = await provision(resource, plan)

    await use(configOf(resource))
    await provider().deprovision(resource)
  })

  test(`${name}: two attachments of an app get different names`, () => {
    const first = provider().attachmentNames({ attachments: [], configVars: [], ofService: [] })
    const second = provider().attachmentNames({
      attachments: first,
      configVars: [],
      ofService: first,
    })

    assert.ok(first.length > 0 && second.length > 0)
    assert.deepEqual(
      first.filter((taken) => second.includes(taken)),
      [],
    )
  })
}
