import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import * as z from 'zod'
import type {
  CreateHITTypeCommandInput,
  CreateHITWithHITTypeCommandInput,
  QualificationRequirement,
} from '@aws-sdk/client-mturk'
import { adAddress } from '../configuration/ad-address.ts'
import type { Study } from '../configuration/config.ts'
import type { Mode } from './mode.ts'
import { problem } from '../problems.ts'

/** What a HIT is created from. */
export type HitOrder = Readonly<{
  type: CreateHITTypeCommandInput
  hit: Omit<CreateHITWithHITTypeCommandInput, 'HITTypeId'>
}>

export type HitWishes = Readonly<{
  workers: number
  /** Dollars with two digits. */
  reward: string
  durationHours: number
  requireQuals?: readonly string[]
  blockQuals?: readonly string[]
  /** Makes a repeated request create one HIT only. */
  token?: string
}>

/**
 * @throws Problem `config_missing` without title, description or ad address, `config_invalid` for
 * qualifications
 */
export function orderHit(study: Study, mode: Mode, wishes: HitWishes): HitOrder {
  const { hit } = study.settings
  for (const name of ['title', 'description'] as const) {
    if (hit[name] !== '') continue
    throw problem('config_missing', `${name} in [HIT Configuration] is empty.`, {
      hint: 'Workers see it in the list of HITs, and Mechanical Turk takes no HIT without it.',
    })
  }
  return {
    type: {
      Title: hit.title,
      Description: hit.description,
      Reward: wishes.reward,
      AssignmentDurationInSeconds: Math.round(wishes.durationHours * 3600),
      Keywords: hit.keywords,
      QualificationRequirements: qualifications(study, mode, wishes),
    },
    hit: {
      Question: externalQuestion(`${adAddress(hit)}?mode=${mode}`),
      LifetimeInSeconds: Math.round(hit.lifetime * 3600),
      MaxAssignments: wishes.workers,
      ...(wishes.token === undefined
        ? {}
        : // The note finds the HIT again when the answer to its creation was lost.
          { UniqueRequestToken: wishes.token, RequesterAnnotation: wishes.token }),
    },
  }
}

const FRAME_HEIGHT = 600

/** The question that shows our own page in a frame. */
export function externalQuestion(url: string): string {
  const address = url.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return (
    `<ExternalQuestion xmlns="${NAMESPACE}"><ExternalURL>${address}</ExternalURL>` +
    `<FrameHeight>${FRAME_HEIGHT}</FrameHeight></ExternalQuestion>`
  )
}

const NAMESPACE =
  'http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/ExternalQuestion.xsd'

const APPROVAL_RATE = '000000000000000000L0'
const APPROVED_COUNT = '00000000000000000040'
const LOCALE = '00000000000000000071'
const MASTERS: Readonly<Record<Mode, string>> = {
  live: '2F1QJWKUDD8XADTFD2Q0G6UTO95ALH',
  sandbox: '2ARFPLSP75KLA8M8DH1HTEQVJT3SY6',
}

function qualifications(study: Study, mode: Mode, wishes: HitWishes): QualificationRequirement[] {
  const { hit } = study.settings
  const required = [...(wishes.requireQuals ?? []), ...hit[`require_quals_${mode}`]]
  const blocked = [...(wishes.blockQuals ?? []), ...hit[`block_quals_${mode}`]]
  const atLeast = (QualificationTypeId: string, value: number): QualificationRequirement => ({
    QualificationTypeId,
    Comparator: 'GreaterThanOrEqualTo',
    IntegerValues: [value],
  })
  return [
    atLeast(APPROVAL_RATE, hit.approve_requirement),
    atLeast(APPROVED_COUNT, hit.number_hits_approved),
    ...(hit.require_master_workers
      ? [{ QualificationTypeId: MASTERS[mode], Comparator: 'Exists' as const }]
      : []),
    ...(hit.us_only
      ? [
          {
            QualificationTypeId: LOCALE,
            Comparator: 'EqualTo' as const,
            LocaleValues: [{ Country: 'US' }],
          },
        ]
      : []),
    ...[...new Set(required)].map((QualificationTypeId) => ({
      QualificationTypeId,
      Comparator: 'Exists' as const,
    })),
    ...[...new Set(blocked)].map((QualificationTypeId) => ({
      QualificationTypeId,
      Comparator: 'DoesNotExist' as const,
    })),
    ...advancedQualifications(study, hit[`advanced_quals_path_${mode}`]),
  ]
}

const Advanced = z.array(
  z.looseObject({
    QualificationTypeId: z.string(),
    Comparator: z.enum([
      'LessThan',
      'LessThanOrEqualTo',
      'GreaterThan',
      'GreaterThanOrEqualTo',
      'EqualTo',
      'NotEqualTo',
      'Exists',
      'DoesNotExist',
      'In',
      'NotIn',
    ]),
    IntegerValues: z.array(z.int()).optional(),
    LocaleValues: z
      .array(z.object({ Country: z.string(), Subdivision: z.string().optional() }))
      .optional(),
  }),
)

function advancedQualifications(study: Study, path: string): QualificationRequirement[] {
  if (path === '') return []
  const file = isAbsolute(path) ? path : join(study.directory, path)
  try {
    return Advanced.parse(JSON.parse(readFileSync(file, 'utf8'))) as QualificationRequirement[]
  } catch (error) {
    throw problem('config_invalid', `${path} is not a list of qualification requirements.`, {
      cause: error,
      hint: 'It should look like [{"QualificationTypeId": "…", "Comparator": "EqualTo", "IntegerValues": [1]}].',
    })
  }
}

/** What a HIT costs: the fee is a fifth of the rewards, two fifths from ten assignments up. */
export function costOf(workers: number, reward: string): Readonly<{ fee: number; total: number }> {
  const rewards = workers * Number(reward)
  const fee = rewards * (workers >= 10 ? 0.4 : 0.2)
  return { fee, total: rewards + fee }
}
