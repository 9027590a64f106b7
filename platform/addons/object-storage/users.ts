import { parseXml, type Element } from '../../object-storage/index.ts'
import type { ExternalStorage } from './config.ts'
import type { Key } from './resource.ts'
import { openSignedClient, refused } from './signed-client.ts'

/**
 * Users of an S3 server, one a bucket and called like it, who may use that bucket and nothing else.
 * The server makes their keys, and shows a secret only once.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/
 */
export function openUsers(options: ExternalStorage, endpoint: URL) {
  const where = { service: 'iam', region: 'us-east-1', setting: 'HOKKU_S3_IAM_ENDPOINT' } as const
  const ask = openSignedClient(options, where)
  /** @param fine codes of failures that leave things as they should be */
  const call = async (action: string, fine: string, more: Record<string, string>) => {
    const form = new URLSearchParams({ Action: action, Version: '2010-05-08', ...more })
    // Servers that sign what they have parsed write it like this.
    const body = form.toString().replaceAll('*', '%2A')
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await ask(endpoint, { method: 'POST', headers, body })
    if (answer.status < 300) return parseXml(answer.text)
    if (answer.code === fine) return undefined
    throw refused(action, answer)
  }
  const keyIds = async (UserName: string): Promise<string[]> => {
    const listed = await call('ListAccessKeys', 'NoSuchEntity', { UserName })
    return listed === undefined ? [] : allOf(listed, 'AccessKeyId')
  }
  const removeKeys = async (UserName: string, ids: readonly string[]): Promise<void> => {
    for (const AccessKeyId of ids) {
      await call('DeleteAccessKey', 'NoSuchEntity', { UserName, AccessKeyId })
    }
  }

  return {
    /** @returns `key` if it is the user's, else a new one, and the only one */
    make: async (UserName: string, key: Key): Promise<Key> => {
      await call('CreateUser', 'EntityAlreadyExists', { UserName })
      await call('PutUserPolicy', '', {
        UserName,
        PolicyName: POLICY,
        PolicyDocument: JSON.stringify(mayUse(UserName)),
      })
      const ids = await keyIds(UserName)
      if (ids.includes(key.accessKeyId)) return key
      await removeKeys(UserName, ids)
      const made = await call('CreateAccessKey', '', { UserName })
      const [accessKeyId = ''] = made ? allOf(made, 'AccessKeyId') : []
      const [secretAccessKey = ''] = made ? allOf(made, 'SecretAccessKey') : []
      return { accessKeyId, secretAccessKey }
    },

    remove: async (UserName: string): Promise<void> => {
      await removeKeys(UserName, await keyIds(UserName))
      await call('DeleteUserPolicy', 'NoSuchEntity', { UserName, PolicyName: POLICY })
      await call('DeleteUser', 'NoSuchEntity', { UserName })
    },
  }
}

const POLICY = 'bucket'

const mayUse = (bucket: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 's3:*',
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    },
  ],
})

/** Texts of all elements of that name, however deep. */
const allOf = ({ children }: Element, name: string): string[] =>
  children.flatMap((child) => (child.name === name ? [child.text.trim()] : allOf(child, name)))
