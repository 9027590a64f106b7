import { isPublicAcl } from './object-headers.ts'
import { objectNamed } from './objects.ts'
import { s3Problem } from './problems.ts'
import type { Operation, S3Answer } from './request.ts'
import { bucketNamed } from './writes.ts'
import type { XmlObject } from './xml.ts'

/** The only grants there are: its owner's, and everyone's for reading an object. */
export const getObjectAcl: Operation = (request, storage) =>
  aclAnswer(request.bucket, objectNamed(request, storage).isPublic)

export const getBucketAcl: Operation = ({ bucket }, { catalogue }) => {
  bucketNamed(bucket, catalogue)
  return aclAnswer(bucket, false)
}

export const putObjectAcl: Operation = async ({ bucket, key, headers }, storage) => {
  objectNamed({ bucket, key }, storage)
  if (headers['x-amz-acl'] === undefined) {
    throw s3Problem('not_implemented', 'Only the ACLs private and public-read are supported.')
  }
  const isPublic = isPublicAcl(headers)
  await storage.catalogue.transaction(() =>
    storage.catalogue.objects.setPublic(bucket, key, isPublic),
  )
  return { status: 200 }
}

function aclAnswer(owner: string, isPublic: boolean): S3Answer {
  const grant = (Grantee: XmlObject, Permission: string) => ({
    Grantee,
    Permission,
  })
  const everyone = {
    'xsi:type': 'Group',
    URI: 'http://acs.amazonaws.com/groups/global/AllUsers',
  }
  const grants = [
    grant({ 'xsi:type': 'CanonicalUser', ID: owner, DisplayName: owner }, 'FULL_CONTROL'),
    ...(isPublic ? [grant(everyone, 'READ')] : []),
  ]
  const content = {
    Owner: { ID: owner, DisplayName: owner },
    AccessControlList: { Grant: grants },
  }
  return { status: 200, xml: ['AccessControlPolicy', content] }
}
