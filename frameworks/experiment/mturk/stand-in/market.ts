import { randomBytes } from 'node:crypto'
import * as z from 'zod'

/** A refusal in the form in which Mechanical Turk refuses. */
export class Refusal extends Error {
  readonly code: string
  /** The message without the time that the protocol adds. */
  readonly reason: string

  constructor(code: string, message: string) {
    super(`${message} (${Date.now()} s)`)
    this.reason = message
    this.code = `AWS.MechanicalTurk.${code}`
  }
}

export const HitType = z.object({
  Title: z.string().min(1).max(128),
  Description: z.string().min(1).max(2000),
  Reward: z.string().regex(/^\d+(\.\d{1,2})?$/),
  AssignmentDurationInSeconds: z.int().min(30).max(31_536_000),
  Keywords: z.string().max(1000).optional(),
  QualificationRequirements: z.array(z.record(z.string(), z.unknown())).optional(),
})
type HitType = z.infer<typeof HitType>

export type QualificationType = Readonly<{
  QualificationTypeId: string
  Name: string
  Description: string
  QualificationTypeStatus: 'Active' | 'Inactive'
}>

export type Assignment = {
  readonly id: string
  readonly hitId: string
  readonly workerId: string
  readonly acceptedAt: Date
  submittedAt?: Date
  judgedAt?: Date
  status: 'Accepted' | 'Submitted' | 'Approved' | 'Rejected'
  answer: string
  bonus: number
}

export type Hit = {
  readonly id: string
  readonly typeId: string
  readonly type: HitType
  readonly question: string
  /** The requester's own note. */
  readonly annotation: string | undefined
  readonly createdAt: Date
  expiresAt: Date
  max: number
  readonly assignments: Assignment[]
}

/** The state of a marketplace of one requester: HITs, assignments, bonuses, balance in cents. */
export class Market {
  readonly hits = new Map<string, Hit>()
  readonly #types = new Map<string, HitType>()
  readonly #tokens = new Set<string>()
  readonly payments: { workerId: string; assignmentId: string; amount: string; reason: string }[] =
    []
  /** Qualification types that the requester owns. */
  readonly qualifications: QualificationType[] = []
  balanceCents = 1_000_000
  readonly #now: () => Date

  constructor(now: () => Date = () => new Date()) {
    this.#now = now
  }

  createType(type: HitType): string {
    const id = newId('3T')
    this.#types.set(id, type)
    return id
  }

  createHit(input: {
    typeId: string
    question: string
    lifetimeSeconds: number
    max: number
    token?: string | undefined
    annotation?: string | undefined
  }): Hit {
    const type = this.#types.get(input.typeId)
    if (type === undefined)
      throw new Refusal('HITTypeDoesNotExist', `HITType ${input.typeId} does not exist.`)
    if (input.max < 1)
      throw new Refusal('InvalidParameterValue', 'MaxAssignments must be at least 1.')
    this.#useToken(input.token, 'HitAlreadyExists')
    const createdAt = this.#now()
    const hit: Hit = {
      id: newId('3H'),
      typeId: input.typeId,
      type,
      question: input.question,
      annotation: input.annotation,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + input.lifetimeSeconds * 1000),
      max: input.max,
      assignments: [],
    }
    this.hits.set(hit.id, hit)
    return hit
  }

  hit(id: string): Hit {
    const hit = this.hits.get(id)
    if (hit === undefined) throw new Refusal('HITDoesNotExist', `Hit ${id} does not exist.`)
    return hit
  }

  assignment(id: string): Assignment {
    const found = [...this.hits.values()]
      .flatMap((hit) => hit.assignments)
      .find((one) => one.id === id)
    if (found === undefined)
      throw new Refusal('AssignmentDoesNotExist', `Assignment ${id} does not exist.`)
    return found
  }

  delete(id: string): void {
    const hit = this.hit(id)
    const isJudged = hit.assignments.every(
      (one) => one.status === 'Approved' || one.status === 'Rejected',
    )
    if (this.status(hit) !== 'Reviewable' || !isJudged) {
      throw new Refusal(
        'InvalidHITState',
        `This HIT is currently in the state '${this.status(hit)}'. This operation can be called with a status of: Reviewable.`,
      )
    }
    this.hits.delete(id)
  }

  add(id: string, count: number, token: string | undefined): void {
    const hit = this.hit(id)
    if (hit.max < 10 && hit.max + count >= 10) {
      throw new Refusal(
        'InvalidMaximumAssignmentsIncrease',
        'A HIT created with fewer than 10 assignments cannot be extended to 10 or more.',
      )
    }
    this.#useToken(token, 'DuplicateRequest')
    hit.max += count
  }

  /** A worker takes a place of a HIT. */
  accept(hitId: string, workerId: string): Assignment {
    const hit = this.hit(hitId)
    if (this.status(hit) !== 'Assignable')
      throw new Refusal('InvalidHITState', 'There are no more assignments.')
    if (hit.assignments.some((one) => one.workerId === workerId)) {
      throw new Refusal('InvalidHITState', 'This worker has an assignment of this HIT already.')
    }
    const assignment: Assignment = {
      id: newId('3A'),
      hitId,
      workerId,
      acceptedAt: this.#now(),
      status: 'Accepted',
      answer: '',
      bonus: 0,
    }
    hit.assignments.push(assignment)
    return assignment
  }

  submit(id: string, answer: string): Assignment {
    const assignment = this.assignment(id)
    if (assignment.status !== 'Accepted')
      throw new Refusal('InvalidAssignmentState', 'The assignment was submitted before.')
    Object.assign(assignment, { status: 'Submitted', submittedAt: this.#now(), answer })
    return assignment
  }

  approve(id: string, overridesRejection: boolean): void {
    const from = overridesRejection ? ['Submitted', 'Rejected'] : ['Submitted']
    const assignment = this.#judge(id, from, 'Approved')
    this.#pay(Number(this.hit(assignment.hitId).type.Reward))
  }

  reject(id: string): void {
    this.#judge(id, ['Submitted'], 'Rejected')
  }

  sendBonus(payment: {
    workerId: string
    assignmentId: string
    amount: string
    reason: string
    token?: string | undefined
  }): void {
    const assignment = this.assignment(payment.assignmentId)
    if (assignment.workerId !== payment.workerId) {
      throw new Refusal(
        'InvalidParameterValue',
        `Worker ${payment.workerId} did not submit assignment ${payment.assignmentId}.`,
      )
    }
    this.#useToken(payment.token, 'DuplicateRequest')
    this.#pay(Number(payment.amount))
    assignment.bonus += Number(payment.amount)
    this.payments.push(payment)
  }

  status(hit: Hit): 'Assignable' | 'Unassignable' | 'Reviewable' {
    const isOpen = this.available(hit) > 0 && hit.expiresAt > this.#now()
    if (isOpen) return 'Assignable'
    return this.pending(hit) > 0 ? 'Unassignable' : 'Reviewable'
  }

  pending = (hit: Hit): number => hit.assignments.filter((one) => one.status === 'Accepted').length
  available = (hit: Hit): number => Math.max(0, hit.max - hit.assignments.length)
  completed = (hit: Hit): number =>
    hit.assignments.filter((one) => one.status === 'Approved' || one.status === 'Rejected').length

  #judge(id: string, from: readonly string[], to: 'Approved' | 'Rejected'): Assignment {
    const assignment = this.assignment(id)
    if (!from.includes(assignment.status)) {
      throw new Refusal(
        'InvalidAssignmentState',
        `This operation can be called with a status of: ${from.join(',')}`,
      )
    }
    assignment.status = to
    assignment.judgedAt = this.#now()
    return assignment
  }

  /** As at the original, the same token again is refused, and the text says why. */
  #useToken(token: string | undefined, code: string): void {
    if (token === undefined) return
    if (this.#tokens.has(token))
      throw new Refusal(code, `A request with the UniqueRequestToken ${token} already exists.`)
    this.#tokens.add(token)
  }

  #pay(dollars: number): void {
    const cents = Math.round(dollars * 120)
    if (cents > this.balanceCents)
      throw new Refusal('InsufficientFunds', 'This Requester has insufficient funds.')
    this.balanceCents -= cents
  }
}

/** Ids look like those of the marketplace: 30 capital letters and digits. */
const newId = (prefix: string): string =>
  prefix +
  randomBytes(40)
    .toString('base64')
    .replaceAll(/[^A-Z0-9]/gi, '')
    .toUpperCase()
    .padEnd(28, 'X')
    .slice(0, 28)
