import * as z from 'zod'
import { HitType, type Assignment, type Hit, type Market } from './market.ts'

/** Operation → what it does with its JSON input. */
export type Operation = (market: Market, input: unknown) => object

const HitId = z.object({ HITId: z.string() })
const AssignmentId = z.object({ AssignmentId: z.string() })
const Paging = z.object({
  NextToken: z.string().optional(),
  MaxResults: z.int().min(1).max(100).default(10),
})
const Count = z.int().min(1).max(1_000_000_000)

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetAccountBalance: (market) => ({ AvailableBalance: (market.balanceCents / 100).toFixed(2) }),
  CreateHITType: (market, input) => ({ HITTypeId: market.createType(HitType.parse(input)) }),
  CreateHITWithHITType: (market, input) => {
    const hit = NewHit.parse(input)
    return {
      HIT: hitJson(
        market,
        market.createHit({
          typeId: hit.HITTypeId,
          question: hit.Question,
          lifetimeSeconds: hit.LifetimeInSeconds,
          max: hit.MaxAssignments,
          token: hit.UniqueRequestToken,
          annotation: hit.RequesterAnnotation,
        }),
      ),
    }
  },
  GetHIT: (market, input) => ({ HIT: hitJson(market, market.hit(HitId.parse(input).HITId)) }),
  DeleteHIT: (market, input) => {
    market.delete(HitId.parse(input).HITId)
    return {}
  },
  ListHITs: (market, input) => {
    const newestFirst = [...market.hits.values()].toReversed()
    return page(
      'HITs',
      newestFirst.map((hit) => hitJson(market, hit)),
      input,
    )
  },
  UpdateExpirationForHIT: (market, input) => {
    const { HITId, ExpireAt } = HitId.extend({ ExpireAt: z.number() }).parse(input)
    market.hit(HITId).expiresAt = new Date(ExpireAt * 1000)
    return {}
  },
  CreateAdditionalAssignmentsForHIT: (market, input) => {
    const more = HitId.extend({
      NumberOfAdditionalAssignments: Count,
      UniqueRequestToken: z.string().optional(),
    }).parse(input)
    market.add(more.HITId, more.NumberOfAdditionalAssignments, more.UniqueRequestToken)
    return {}
  },
  ListAssignmentsForHIT: (market, input) => {
    const { HITId, AssignmentStatuses } = HitId.extend({
      AssignmentStatuses: z.array(z.string()).default(JUDGEABLE),
    }).parse(input)
    const found = market
      .hit(HITId)
      .assignments.filter((one) => AssignmentStatuses.includes(one.status))
    return page('Assignments', found.map(assignmentJson), input)
  },
  GetAssignment: (market, input) => {
    const assignment = market.assignment(AssignmentId.parse(input).AssignmentId)
    return {
      Assignment: assignmentJson(assignment),
      HIT: hitJson(market, market.hit(assignment.hitId)),
    }
  },
  ApproveAssignment: (market, input) => {
    const { AssignmentId: id, OverrideRejection } = AssignmentId.extend({
      OverrideRejection: z.boolean().default(false),
    }).parse(input)
    market.approve(id, OverrideRejection)
    return {}
  },
  RejectAssignment: (market, input) => {
    market.reject(AssignmentId.extend({ RequesterFeedback: z.string() }).parse(input).AssignmentId)
    return {}
  },
  SendBonus: (market, input) => {
    const bonus = Bonus.parse(input)
    market.sendBonus({
      workerId: bonus.WorkerId,
      assignmentId: bonus.AssignmentId,
      amount: bonus.BonusAmount,
      reason: bonus.Reason,
      token: bonus.UniqueRequestToken,
    })
    return {}
  },
  ListQualificationTypes: (market, input) =>
    page('QualificationTypes', market.qualifications, input),
}

const JUDGEABLE = ['Submitted', 'Approved', 'Rejected']

const NewHit = z.object({
  HITTypeId: z.string(),
  Question: z.string().includes('ExternalQuestion'),
  LifetimeInSeconds: z.int().min(30).max(31_536_000),
  MaxAssignments: Count,
  UniqueRequestToken: z.string().max(64).optional(),
  RequesterAnnotation: z.string().max(255).optional(),
})

const Bonus = z.object({
  WorkerId: z.string(),
  AssignmentId: z.string(),
  BonusAmount: z.string().regex(/^\d+\.\d\d$/),
  Reason: z.string().min(1),
  UniqueRequestToken: z.string().max(64).optional(),
})

/** Times are seconds since 1970, as the protocol writes them. */
const seconds = (time: Date | undefined): number | undefined => time && time.getTime() / 1000

const hitJson = (market: Market, hit: Hit): object => ({
  ...hit.type,
  HITId: hit.id,
  HITTypeId: hit.typeId,
  HITGroupId: hit.typeId,
  CreationTime: seconds(hit.createdAt),
  Expiration: seconds(hit.expiresAt),
  Question: hit.question,
  RequesterAnnotation: hit.annotation,
  HITStatus: market.status(hit),
  HITReviewStatus: 'NotReviewed',
  MaxAssignments: hit.max,
  AutoApprovalDelayInSeconds: 2_592_000,
  NumberOfAssignmentsPending: market.pending(hit),
  NumberOfAssignmentsAvailable: market.available(hit),
  NumberOfAssignmentsCompleted: market.completed(hit),
})

const assignmentJson = (assignment: Assignment): object => ({
  AssignmentId: assignment.id,
  HITId: assignment.hitId,
  WorkerId: assignment.workerId,
  AssignmentStatus: assignment.status,
  AcceptTime: seconds(assignment.acceptedAt),
  SubmitTime: seconds(assignment.submittedAt),
  ...(assignment.status === 'Approved' ? { ApprovalTime: seconds(assignment.judgedAt) } : {}),
  ...(assignment.status === 'Rejected' ? { RejectionTime: seconds(assignment.judgedAt) } : {}),
  Answer: assignment.answer,
})

function page(name: string, items: readonly object[], input: unknown): object {
  const { NextToken, MaxResults } = Paging.parse(input)
  const start = Number(NextToken ?? 0)
  const end = start + MaxResults
  return {
    [name]: items.slice(start, end),
    NumResults: Math.min(MaxResults, items.length - start),
    ...(end < items.length ? { NextToken: String(end) } : {}),
  }
}
