import type { Releases } from '../releases/index.ts'
import type { App, Build, Release, Store } from '../store/index.ts'
import type { Built } from './build-run.ts'
import { applyFormation, keepBuildpacks } from './setup/first-deploy.ts'
import type { PushText } from './push-text.ts'
import { summaryLines } from './summary.ts'

export type Launch = Readonly<{ build: Build; app: App; built: Built; text: PushText }>

export type LaunchEffects = Readonly<{
  store: Store
  releases: Pick<Releases, 'create'>
  webUrl: (appName: string) => string
}>

/**
 * Records slug, release and the end of the build in one transaction: after a crash
 * there are all of them or none.
 */
export function recordRelease(launch: Launch, effects: LaunchEffects): Build {
  const { build, app, built, text } = launch
  const { store } = effects
  const release = store.transaction(() => {
    keepBuildpacks(built.setup, app.id, store)
    applyFormation(built.setup, app.id, built.processTypes, store)
    const slug = store.slugs.create({
      appId: app.id,
      commit: build.source.kind === 'commit' ? build.source.sha : build.sourceVersion,
      commitDescription: built.commitDescription,
      buildpackDescription: built.compiled.title,
      checksum: built.kept.checksum,
      size: built.kept.size,
      stack: app.stack,
      processTypes: built.processTypes,
      manifest: JSON.stringify(built.kept.manifest),
    })
    const created = effects.releases.create({
      appId: app.id,
      accountId: build.accountId,
      description: describeDeploy(build),
      slugId: slug.id,
      releasePhase: true,
    })
    store.builds.setBuildpacks(build.id, built.compiled.buildpacks)
    store.builds.end(build.id, { status: 'succeeded', slugId: slug.id, releaseId: created.id })
    return created
  })
  if ('release' in built.processTypes) {
    text.warn(
      'Release command declared: this new release will not be available until the command succeeds.',
    )
  }
  text.detail(`Released v${release.version}`)
  text.detail(`${effects.webUrl(app.name)} deployed to Heroku`)
  text.topic('Summary')
  for (const line of summaryLines(built.summary)) text.detail(line)
  text.line()
  return store.builds.get(build.id)
}

/** `Deploy 193d1419`, as on Heroku. */
const describeDeploy = ({ sourceVersion }: Build): string =>
  sourceVersion === null ? 'Deploy' : `Deploy ${sourceVersion.slice(0, 8)}`

/** Follows a release until it is through, into the push that caused it. @returns how it ended */
export async function streamRelease(
  release: Release,
  text: PushText,
  effects: Readonly<{
    releases: Pick<Releases, 'output' | 'settled'>
    write: (bytes: Uint8Array) => void
    signal: AbortSignal
  }>,
): Promise<Release> {
  text.line('Verifying deploy... done.')
  if (release.outputSecret === null) return effects.releases.settled(release.id)
  text.line('Running release command...')
  text.line()
  for await (const bytes of effects.releases.output(release, effects.signal)) effects.write(bytes)
  const settled = await effects.releases.settled(release.id)
  if (settled.status === 'failed') text.warn('Release command failed')
  text.line(`Waiting for release.... ${settled.status === 'failed' ? 'failed' : 'done'}.`)
  return settled
}
