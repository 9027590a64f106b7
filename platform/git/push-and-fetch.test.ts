import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { archiveCommit, commitSubject, objectType } from './archive-commit.ts'
import { git } from './git.ts'
import { deployedRef, parsePush, type Push } from './hook.ts'
import { FLUSH, pktLine } from './pkt-line.ts'
import { prepareRepository, repositorySize, settleHead } from './repository.ts'
import { advertiseRefs, isGitService, uploadPack } from './serve.ts'
import { openTestRepository } from './testing.ts'

let opened: Awaited<ReturnType<typeof openTestRepository>>
before(async () => {
  opened = await openTestRepository()
})
after(() => opened.remove())

const accept = async (): Promise<boolean> => true
const never = new AbortController().signal
const headOf = (branch: string) =>
  git(['--git-dir', opened.repository.folder, 'for-each-ref', `refs/heads/${branch}`])

test('a push that is judged badly changes nothing, and the client reads why', async () => {
  const sha = await opened.commit({ 'a.txt': 'one' })

  const answer = await opened.push(sha, async (_push, print) => {
    await print(Buffer.from('No app fits this.\n'))
    return false
  })

  assert.match(answer, /No app fits this\./)
  assert.match(answer, /ng refs\/heads\/main pre-receive hook declined/)
  assert.equal(await headOf('main'), '')
})

test('a judge that fails declines the push', async () => {
  const sha = await opened.commit({ 'a.txt': 'two' })

  const answer = await opened.push(sha, () => Promise.reject(new Error('a bug')))

  assert.match(answer, /declined/)
  assert.equal(await headOf('main'), '')
})

test('the judge can read the commit before the push is accepted, and then it is there', async () => {
  const sha = await opened.commit({ 'a.txt': 'three', 'bin/run': 'x', link: '->a.txt' }, 'Third')
  const seen: { push: Push; subject: string; type: string | undefined; archive: string }[] = []

  const answer = await opened.push(sha, async (push) => {
    const source = { repository: opened.repository, sha, quarantine: push.objects }
    const [subject, type, archive] = await Promise.all([
      commitSubject(source),
      objectType(source),
      text(archiveCommit(source, never)),
    ])
    seen.push({ push, subject, type, archive })
    return true
  })

  assert.match(answer, /ok refs\/heads\/main/)
  assert.deepEqual(seen[0]?.push.refs, [{ name: 'refs/heads/main', old: '0'.repeat(40), new: sha }])
  assert.deepEqual([seen[0].subject, seen[0].type], ['Third', 'commit'])
  for (const part of ['a.txt', 'three', 'bin/run', 'link']) {
    assert.ok(seen[0].archive.includes(part), part)
  }
  assert.match(await headOf('main'), new RegExp(`^${sha} commit`))
  assert.ok((await repositorySize(opened.repository)) > 0)
})

test('a commit that is not there has no type, and cannot be archived', async () => {
  const source = { repository: opened.repository, sha: 'f'.repeat(40), quarantine: [] }

  assert.equal(await objectType(source), undefined)
  await assert.rejects(text(archiveCommit(source, never)), /git archive f+ ended with/)
})

test('a clone checks out the branch that deploys', async () => {
  const other = await openTestRepository()
  const sha = await other.commit({ 'a.txt': 'x' })
  await other.push(sha, accept, 'master')

  await settleHead(other.repository)

  const head = await git(['--git-dir', other.repository.folder, 'symbolic-ref', 'HEAD'])
  assert.equal(head, 'refs/heads/master\n')
  other.remove()
})

test('preparing a repository again keeps what is in it', async () => {
  await prepareRepository(opened.repository)

  assert.match(await headOf('main'), /commit/)
})

test('a client gets the refs, and fetches what it names', async () => {
  const sha = (await headOf('main')).slice(0, 40)
  const advertised = new PassThrough()
  const fetched = new PassThrough()
  const wants = [pktLine(`want ${sha}\n`), FLUSH, pktLine('done\n')]

  const [refs, , pack] = await Promise.all([
    text(advertised),
    advertiseRefs(opened.repository, 'git-upload-pack', {
      answer: advertised,
      protocol: undefined,
    }),
    text(fetched),
    uploadPack(opened.repository, {
      body: Readable.from([Buffer.concat(wants)]),
      answer: fetched,
      protocol: undefined,
    }),
  ])

  assert.match(refs, /^001e# service=git-upload-pack\n0000/)
  assert.ok(refs.includes(`${sha} refs/heads/main`))
  assert.match(pack, /^0008NAK\nPACK/)
})

test('a client that pushes to an empty repository sees the branches that deploy', async () => {
  const empty = await openTestRepository()
  const answer = new PassThrough()

  const [refs] = await Promise.all([
    text(answer),
    advertiseRefs(empty.repository, 'git-receive-pack', { answer, protocol: 'version=1' }),
  ])

  assert.match(refs, /0{40} refs\/heads\/main\0/)
  assert.match(refs, /0{40} refs\/heads\/master\n/)
  empty.remove()
})

test('only push and fetch are services', () => {
  assert.ok(isGitService('git-receive-pack'))
  assert.ok(isGitService('git-upload-pack'))
  assert.ok(!isGitService('git-upload-archive'))
  assert.ok(!isGitService(undefined))
})

test('main deploys before master, and neither another branch nor a deletion does', () => {
  const ref = (name: string, sha = 'a'.repeat(40)) => ({
    name: `refs/heads/${name}`,
    old: '0'.repeat(40),
    new: sha,
  })

  assert.equal(deployedRef([ref('master'), ref('main')])?.name, 'refs/heads/main')
  assert.equal(deployedRef([ref('dev'), ref('master')])?.name, 'refs/heads/master')
  assert.equal(deployedRef([ref('dev')]), undefined)
  assert.equal(deployedRef([ref('main', '0'.repeat(40))]), undefined)
})

test('the report of the hook is read once it is complete', () => {
  const report = 'objects /q\nalternates /a:/b\nref 00 11 refs/heads/a b\n'

  assert.equal(parsePush(report), undefined)
  assert.deepEqual(parsePush(`${report}end\n`), {
    refs: [{ name: 'refs/heads/a b', old: '00', new: '11' }],
    objects: ['/q', '/a', '/b'],
  })
})
