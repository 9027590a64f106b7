import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { appRoutes } from './apps.ts'
import { pipelineCouplingRoutes } from './pipeline-couplings.ts'
import { pipelinePromotionRoutes } from './pipeline-promotions.ts'
import { pipelineRoutes } from './pipelines.ts'
import { stageConfigVarRoutes } from './stage-config-vars.ts'
import { openTestApi } from './testing.ts'

const api = openTestApi([
  appRoutes,
  pipelineRoutes,
  pipelineCouplingRoutes,
  pipelinePromotionRoutes,
  stageConfigVarRoutes,
])
after(() => api.close())

/** A pipeline with an app in staging that runs code, and an app in production that does not. */
async function pipeline(name: string) {
  const { store, owner, plane } = api
  const [staging, production] = ['staging', 'production'].map((stage) =>
    store.apps.create(`${name}-${stage}`, owner.id),
  )
  assert.ok(staging && production)
  const slug = store.slugs.create({
    appId: staging.id,
    commit: 'abcdef0123456789',
    commitDescription: null,
    buildpackDescription: null,
    checksum: null,
    size: 1,
    stack: 'heroku-24',
    processTypes: { web: 'run', release: 'migrate' },
    manifest: '{}',
  })
  const release = plane.releases.create({
    appId: staging.id,
    accountId: owner.id,
    description: 'Deploy abcdef01',
    slugId: slug.id,
    releasePhase: false,
  })
  await api.call('POST', '/pipelines', { body: { name } })
  for (const [app, stage] of [
    [staging.name, 'staging'],
    [production.name, 'production'],
  ]) {
    await api.call('POST', '/pipeline-couplings', { body: { app, pipeline: name, stage } })
  }
  const { id } = store.pipelines.find(name) ?? { id: '' }
  const promote = (to: string) =>
    api.call('POST', '/pipeline-promotions', {
      body: {
        pipeline: { id },
        source: { app: { id: staging.id } },
        targets: [{ app: { id: to } }],
      },
    })
  return { id, staging, production, slug, release, promote }
}

test('a promotion releases the same slug, with the release phase of the target', async () => {
  const { production, slug, release, promote } = await pipeline('shop')

  const { status, body } = await promote(production.id)

  assert.equal(status, 201)
  const made = api.store.releases.list(production.id).at(-1)
  assert.equal(made?.description, `Promote shop-staging v${release.version} abcdef01`)
  assert.notEqual(made.outputSecret, null)
  const copy = api.store.slugs.get(made.slugId ?? '')
  assert.deepEqual([copy.manifest, copy.commit], [slug.manifest, slug.commit])
  await api.plane.releases.settled(made.id)
  const { id } = body as { id: string }
  const targets = await api.call('GET', `/pipeline-promotions/${id}/promotion-targets`)
  const [target] = targets.body as { status: string; release: { id: string } }[]
  assert.deepEqual([target?.status, target?.release.id], ['succeeded', made.id])
})

test('what cannot be promoted is refused with what to do', async () => {
  const { staging, promote } = await pipeline('cafe')
  const outside = api.store.apps.create('elsewhere', api.owner.id)

  const [itself, elsewhere] = [await promote(staging.id), await promote(outside.id)]

  assert.equal(itself.status, 422)
  assert.match(JSON.stringify(elsewhere.body), /elsewhere is not in .*pipelines:add cafe/)
})

test('an app is in one pipeline only; the other one is named', async () => {
  const { staging } = await pipeline('bakery')
  await api.call('POST', '/pipelines', { body: { name: 'other' } })

  const { status, body } = await api.call('POST', '/pipeline-couplings', {
    body: { app: staging.name, pipeline: 'other', stage: 'staging' },
  })

  assert.equal(status, 422)
  assert.match(JSON.stringify(body), /in the pipeline bakery already/)
})

test('an unrelated account sees no pipeline, a collaborator of an app sees it and may not change it', async () => {
  const { production } = await pipeline('bank')
  const [unrelated, friend] = ['unrelated@example.com', 'friend@example.com'].map((email) =>
    api.store.accounts.create(email),
  )
  assert.ok(unrelated && friend)
  api.store.collaborators.add(production.id, friend.id)
  const tokenOf = (id: string) => api.store.accounts.authorize(id, 'test').token
  const [unknown, known] = [tokenOf(unrelated.id), tokenOf(friend.id)]

  assert.equal((await api.call('GET', '/pipelines/bank', { token: unknown })).status, 404)
  assert.equal((await api.call('GET', '/pipelines/bank', { token: known })).status, 200)
  assert.equal((await api.call('DELETE', '/pipelines/bank', { token: known })).status, 403)
  const seen = await api.call('GET', '/pipelines/bank/pipeline-couplings', { token: known })
  assert.equal((seen.body as unknown[]).length, 1)
})

test('config vars of a stage are kept apart from each other', async () => {
  await pipeline('post')
  const url = (stage: string) => `/pipelines/post/stage/${stage}/config-vars`

  await api.call('PATCH', url('test'), { body: { A: '1', B: '2' } })
  const { body } = await api.call('PATCH', url('test'), { body: { A: null } })

  assert.deepEqual(body, { B: '2' })
  assert.deepEqual((await api.call('GET', url('review'))).body, {})
  assert.equal((await api.call('GET', url('nonsense'))).status, 404)
})
