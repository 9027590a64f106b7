import { reasonOf } from '@hokku/kit/problem'
import {
  CreateAdditionalAssignmentsForHITCommand,
  CreateHITTypeCommand,
  CreateHITWithHITTypeCommand,
  DeleteHITCommand,
  GetAccountBalanceCommand,
  GetAssignmentCommand,
  GetHITCommand,
  ApproveAssignmentCommand,
  ListAssignmentsForHITCommand,
  ListHITsCommand,
  ListQualificationTypesCommand,
  MTurkClient,
  RejectAssignmentCommand,
  SendBonusCommand,
  UpdateExpirationForHITCommand,
  type Assignment,
  type AssignmentStatus,
  type HIT,
  type QualificationType,
} from '@aws-sdk/client-mturk'
import type { Settings } from '../configuration/settings.ts'
import type { Mode } from './mode.ts'
import { problem } from '../problems.ts'
import type { HitOrder } from './hit-order.ts'

export type { Assignment, AssignmentStatus, HIT, QualificationType } from '@aws-sdk/client-mturk'

/** Mechanical Turk, with just what a study does there. Every call throws Problems only. */
export type Marketplace = Readonly<{
  mode: Mode
  balance: () => Promise<string>
  createHit: (order: HitOrder) => Promise<HIT>
  hit: (hitId: string) => Promise<HIT | undefined>
  hits: () => AsyncIterable<HIT>
  deleteHit: (hitId: string) => Promise<void>
  expire: (hitId: string, at: Date) => Promise<void>
  addAssignments: (hitId: string, count: number, token: string) => Promise<void>
  assignments: (hitId: string, status: AssignmentStatus) => AsyncIterable<Assignment>
  assignment: (assignmentId: string) => Promise<Assignment | undefined>
  approve: (assignmentId: string, overridesRejection: boolean) => Promise<void>
  reject: (assignmentId: string) => Promise<void>
  bonus: (payment: Payment) => Promise<void>
  qualifications: () => AsyncIterable<QualificationType>
}>

export type Payment = Readonly<{
  workerId: string
  assignmentId: string
  /** Dollars with two digits, e.g. `0.18`. */
  amount: string
  reason: string
  /** The same token pays once, however often it is sent. */
  token: string
}>

/**
 * @throws Problem `mturk_unavailable` where no credentials are configured
 */
export const openMarketplace = (settings: Settings, mode: Mode): Marketplace =>
  new MechanicalTurk(createClient(settings.aws, mode), mode)

class MechanicalTurk implements Marketplace {
  readonly mode: Mode
  readonly #client: MTurkClient

  constructor(client: MTurkClient, mode: Mode) {
    this.#client = client
    this.mode = mode
  }

  async balance(): Promise<string> {
    const { AvailableBalance } = await ask(this.#client.send(new GetAccountBalanceCommand({})))
    return AvailableBalance ?? '0.00'
  }

  async createHit(order: HitOrder): Promise<HIT> {
    const { HITTypeId } = await ask(this.#client.send(new CreateHITTypeCommand(order.type)))
    const command = new CreateHITWithHITTypeCommand({ ...order.hit, HITTypeId })
    const hit = await ask(this.#client.send(command)).then(
      (answer) => answer.HIT,
      (error: unknown) => {
        // An earlier try arrived and its answer was lost: the HIT is there.
        if (isRepeated(error)) return this.#findHit(order.hit.RequesterAnnotation)
        throw error
      },
    )
    if (hit?.HITId === undefined) {
      throw problem('mturk_refused', 'Mechanical Turk did not say which HIT it created.')
    }
    return hit
  }

  async #findHit(note: string | undefined): Promise<HIT | undefined> {
    for await (const hit of this.hits()) if (hit.RequesterAnnotation === note) return hit
    return undefined
  }

  async hit(HITId: string): Promise<HIT | undefined> {
    return (await orNothing(this.#client.send(new GetHITCommand({ HITId }))))?.HIT
  }

  hits(): AsyncGenerator<HIT> {
    return pages(async (NextToken) => {
      const command = new ListHITsCommand({ MaxResults: PAGE, NextToken })
      const answer = await ask(this.#client.send(command))
      return [answer.HITs ?? [], answer.NextToken]
    })
  }

  async deleteHit(HITId: string): Promise<void> {
    await ask(this.#client.send(new DeleteHITCommand({ HITId })))
  }

  async expire(HITId: string, ExpireAt: Date): Promise<void> {
    await ask(this.#client.send(new UpdateExpirationForHITCommand({ HITId, ExpireAt })))
  }

  async addAssignments(
    HITId: string,
    NumberOfAdditionalAssignments: number,
    UniqueRequestToken: string,
  ): Promise<void> {
    const input = { HITId, NumberOfAdditionalAssignments, UniqueRequestToken }
    await once(this.#client.send(new CreateAdditionalAssignmentsForHITCommand(input)))
  }

  assignments(HITId: string, status: AssignmentStatus): AsyncGenerator<Assignment> {
    return pages(async (NextToken) => {
      const input = { HITId, AssignmentStatuses: [status], MaxResults: PAGE, NextToken }
      const answer = await ask(this.#client.send(new ListAssignmentsForHITCommand(input)))
      return [answer.Assignments ?? [], answer.NextToken]
    })
  }

  async assignment(AssignmentId: string): Promise<Assignment | undefined> {
    const command = new GetAssignmentCommand({ AssignmentId })
    return (await orNothing(this.#client.send(command)))?.Assignment
  }

  async approve(AssignmentId: string, OverrideRejection: boolean): Promise<void> {
    const input = { AssignmentId, OverrideRejection }
    await ask(this.#client.send(new ApproveAssignmentCommand(input)))
  }

  async reject(AssignmentId: string): Promise<void> {
    const input = { AssignmentId, RequesterFeedback: '' }
    await ask(this.#client.send(new RejectAssignmentCommand(input)))
  }

  async bonus({ workerId, assignmentId, amount, reason, token }: Payment): Promise<void> {
    const input = {
      WorkerId: workerId,
      AssignmentId: assignmentId,
      BonusAmount: amount,
      Reason: reason,
      UniqueRequestToken: token,
    }
    await once(this.#client.send(new SendBonusCommand(input)))
  }

  qualifications(): AsyncGenerator<QualificationType> {
    return pages(async (NextToken) => {
      const input = {
        MustBeRequestable: false,
        MustBeOwnedByCaller: true,
        MaxResults: PAGE,
        NextToken,
      }
      const answer = await ask(this.#client.send(new ListQualificationTypesCommand(input)))
      return [answer.QualificationTypes ?? [], answer.NextToken]
    })
  }
}

async function ask<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer
  } catch (error) {
    throw explain(error)
  }
}

async function orNothing<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask(answer)
  } catch (error) {
    if (isUnknownId(error)) return undefined
    throw error
  }
}

/** What was asked for under a token and is done already is done. */
async function once(request: Promise<unknown>): Promise<void> {
  try {
    await ask(request)
  } catch (error) {
    if (!isRepeated(error)) throw error
  }
}

/** The largest page that every listing accepts. */
const PAGE = 100

const ENDPOINTS: Readonly<Record<Mode, string>> = {
  sandbox: 'https://mturk-requester-sandbox.us-east-1.amazonaws.com',
  live: 'https://mturk-requester.us-east-1.amazonaws.com',
}

function createClient(aws: Settings['aws'], mode: Mode): MTurkClient {
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey } = aws
  return new MTurkClient({
    region: aws.aws_region,
    endpoint: aws.mturk_endpoint || ENDPOINTS[mode],
    maxAttempts: 4,
    // Without its own keys a study uses those of the machine (profile, role).
    ...(accessKeyId === '' ? {} : { credentials: { accessKeyId, secretAccessKey } }),
  })
}

async function* pages<Item>(
  read: (token: string | undefined) => Promise<readonly [readonly Item[], string | undefined]>,
): AsyncGenerator<Item> {
  let token: string | undefined
  for (let count = 0; count < PAGES_MAX; count += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const [items, next] = await read(token)
    yield* items
    if (next === undefined || items.length === 0) return
    token = next
  }
}

/** 100,000 items: more than an account lists in a minute. */
const PAGES_MAX = 1000

/** Failures of the service in the researcher's words; keys never appear in them. */
function explain(error: unknown): Error {
  const name = error instanceof Error ? error.name : ''
  const said = reasonOf(error)
  if (/credential/i.test(name) || /credential/i.test(said)) {
    return problem('mturk_unavailable', 'There are no AWS credentials.', {
      hint: 'Set aws_access_key_id and aws_secret_access_key in [AWS Access], or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    })
  }
  if (/UnrecognizedClient|InvalidSignature|AccessDenied|InvalidClientToken/.test(name)) {
    return problem(
      'mturk_unavailable',
      `Mechanical Turk does not accept the AWS credentials (${name}).`,
    )
  }
  if (name === 'RequestError' || name === 'ServiceFault') {
    return problem('mturk_refused', `${name}: ${said}`, { cause: error })
  }
  return problem('mturk_unavailable', `Mechanical Turk cannot be reached: ${said}`, {
    cause: error,
  })
}

/** Mechanical Turk has one error for all requests it refuses; its text says which. */
const isUnknownId = (error: unknown): boolean =>
  error instanceof Error &&
  /does not exist|not found|AWS\.MechanicalTurk\.\w+DoesNotExist/i.test(error.message)

const isRepeated = (error: unknown): boolean =>
  error instanceof Error &&
  /UniqueRequestToken|DuplicateRequest|already ?exists/i.test(error.message)
