import * as z from 'zod'
import { parseCredential, versionTwo, type FindCredential } from './authentication.ts'
import type { Credential } from './authentication.ts'
import { s3Problem } from './problems.ts'
import { sameSignature, sign, signingKey } from './signature-v4.ts'

/** What a browser form says besides its file; names in lower case. */
export type Form = ReadonlyMap<string, string>

export type PostGrant = Readonly<{ credential: Credential; bytesMin: number; bytesMax: number }>

const Condition = z.union([
  z.tuple([z.literal(['eq', 'starts-with']), z.string(), z.string()]),
  z.tuple([z.literal('content-length-range'), z.coerce.number(), z.coerce.number()]),
  z.record(z.string(), z.string()),
])
const Policy = z.object({ expiration: z.iso.datetime(), conditions: z.array(Condition).max(100) })

/**
 * Checks a form for a browser's upload: signature, expiry, and that the policy allows every field.
 *
 * @throws Problem `access_denied`, `invalid_policy`, `signature_mismatch`, `invalid_access_key`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function checkPostForm(
  form: Form,
  bucket: string,
  find: FindCredential,
  now: Date,
): PostGrant {
  const policyText = form.get('policy')
  if (policyText === undefined) throw s3Problem('access_denied', 'The form has no policy.')
  if (form.has('awsaccesskeyid')) throw versionTwo()
  if (form.get('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') {
    throw s3Problem('invalid_argument', 'x-amz-algorithm must be AWS4-HMAC-SHA256.')
  }
  const { accessKeyId, scope } = parseCredential(form.get('x-amz-credential') ?? '')
  const credential = find(accessKeyId)
  if (credential === undefined) {
    throw s3Problem('invalid_access_key', 'The access key id is not known here.')
  }
  const expected = sign(signingKey(credential.secretAccessKey, scope), policyText)
  if (!sameSignature(form.get('x-amz-signature') ?? '', expected)) {
    throw s3Problem('signature_mismatch', 'The signature of the policy does not match.')
  }
  if (credential.bucket !== bucket) throw s3Problem('access_denied', 'Access Denied')
  const { conditions, expiration } = parsePolicy(policyText)
  if (new Date(expiration) < now) throw denied('Policy expired.')
  checkFields(form, bucket, conditions)
  return { credential, ...lengthRange(conditions) }
}

function parsePolicy(text: string): z.infer<typeof Policy> {
  try {
    return Policy.parse(JSON.parse(Buffer.from(text, 'base64').toString('utf8')))
  } catch (cause) {
    throw s3Problem('invalid_policy', 'The policy is not one that we can read.', { cause })
  }
}

type Rule = Readonly<{ field: string; isMet: (value: string) => boolean; text: string }>

function checkFields(
  form: Form,
  bucket: string,
  conditions: z.infer<typeof Policy>['conditions'],
): void {
  const rules = conditions.flatMap(rulesOf)
  const values = new Map([...form, ['bucket', bucket]])
  for (const rule of rules) {
    if (!rule.isMet(values.get(rule.field) ?? '')) {
      throw denied(`Policy Condition failed: ${rule.text}`)
    }
  }
  const named = new Set(rules.map(({ field }) => field))
  const extra = [...form.keys()].find((name) => !named.has(name) && !isFree(name))
  if (extra !== undefined) throw denied(`Extra input fields: ${extra.slice(0, 80)}`)
}

const isFree = (name: string): boolean =>
  ['policy', 'x-amz-signature', 'file', 'bucket'].includes(name) || name.startsWith('x-ignore-')

const denied = (why: string) => s3Problem('access_denied', `Invalid according to Policy: ${why}`)

function rulesOf(condition: z.infer<typeof Condition>): Rule[] {
  const text = JSON.stringify(condition)
  if (!Array.isArray(condition)) {
    return Object.entries(condition).map(([name, wanted]) => ({
      field: name.toLowerCase(),
      isMet: (value) => value === wanted,
      text,
    }))
  }
  if (condition[0] === 'content-length-range') return []
  const [kind, name, wanted] = condition
  const isMet = (value: string): boolean =>
    kind === 'eq' ? value === wanted : value.startsWith(wanted)
  return [{ field: name.replace(/^\$/, '').toLowerCase(), isMet, text }]
}

function lengthRange(conditions: z.infer<typeof Policy>['conditions']) {
  const range = conditions.find((item) => Array.isArray(item) && item[0] === 'content-length-range')
  if (!Array.isArray(range)) return { bytesMin: 0, bytesMax: Number.MAX_SAFE_INTEGER }
  return { bytesMin: Number(range[1]), bytesMax: Number(range[2]) }
}
