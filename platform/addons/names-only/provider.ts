import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { colorName } from '../names.ts'
import type { Provider } from '../provider.ts'

/** An add-on of which the platform itself does the work: only its name and its vars are kept. */
type NamesOnly = Readonly<{
  name: string
  humanName: string
  plans: readonly string[]
  attachment: string
  /** Config vars behind the attachment's name, each with a secret as its value. */
  secrets: readonly string[]
}>

const SERVICES: readonly NamesOnly[] = [
  {
    name: 'scheduler',
    humanName: 'Scheduler',
    plans: ['standard'],
    attachment: 'SCHEDULER',
    secrets: [],
  },
  {
    name: 'papertrail',
    humanName: 'Papertrail (the log of the app)',
    plans: ['choklad', 'fixa', 'forsta', 'ludvig', 'volmar'],
    attachment: 'PAPERTRAIL',
    secrets: ['API_TOKEN'],
  },
  {
    name: 'logdna',
    humanName: 'LogDNA (the log of the app)',
    plans: ['quaco', 'zepto', 'micro', 'milli'],
    attachment: 'LOGDNA',
    secrets: ['KEY'],
  },
]

/** `scheduler`, and names of log services: their page is the app's own in the dashboard. */
export const namesOnlyProviders = (): Provider[] => SERVICES.map(providerOf)

function providerOf({ name, humanName, plans, attachment, secrets }: NamesOnly): Provider {
  return {
    service: {
      name,
      humanName,
      plans: plans.map((plan) => ({ name: plan, humanName: plan })),
      defaultPlan: plans[0] ?? 'standard',
      addonPrefix: name,
    },
    attachmentNames: ({ attachments }) =>
      attachments.includes(attachment) ? [colorName(attachment, attachments)] : [attachment],
    draft: draftSecret,
    provision: async () => undefined,
    deprovision: async () => {},
    rotate: draftSecret,
    configVars: (resource, { name: attached }) => {
      const { secret } = Resource.parse(resource)
      return Object.fromEntries(secrets.map((one) => [`${attached}_${one}`, secret]))
    },
    namespaces: () => [],
    endpoints: () => ({}),
    start: async () => {},
    close: async () => {},
  }
}

const Resource = z.object({ secret: z.string() })
const draftSecret = () => ({ secret: randomBytes(20).toString('hex') })
