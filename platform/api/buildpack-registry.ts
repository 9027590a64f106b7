import { createHash } from 'node:crypto'
import { pathParam } from '@hokku/kit/request-params'
import type { Routes } from './api.ts'

/**
 * Stands in for Heroku's buildpack registry, to which the CLI turns for short names. A name that
 * is not ours is answered too: `PUT buildpack-installations` then says what it is.
 */
export const buildpackRegistryRoutes: Routes = (api, plane) => {
  const shape = (fullName: string) => {
    const [namespace = '', name = ''] = fullName.split('/')
    return {
      id: stableId(fullName),
      name,
      namespace,
      category: 'languages',
      description: `${fullName}, built into hokku`,
      blob_url: fullName,
      source: { type: 'hokku', owner: namespace, repo: name },
      status: 'published',
      logo: null,
      support: { method: 'other', address: 'docs/builds.md of this hokku' },
    }
  }
  const all = () => plane.builds.builtIns.map((builtIn) => shape(builtIn.name))

  api.get('/buildpacks', { config: { public: true } }, all)
  api.get('/buildpacks/:name', { config: { public: true } }, (request) => {
    const name = pathParam(request, 'name')
    return shape(name)
  })
  api.get('/buildpacks/:name/revisions', { config: { public: true } }, (request) => {
    const name = pathParam(request, 'name')
    return [
      {
        id: stableId(`${name}/1`),
        buildpack_id: stableId(name),
        release: 1,
        license: 'MIT',
        status: 'published',
        created_at: plane.store.now(),
      },
    ]
  })
  api.get('/buildpacks/:name/readme', { config: { public: true } }, (request) => {
    const name = pathParam(request, 'name')
    const text = `${name} comes with hokku; docs/builds.md explains it.`
    return { encoding: 'base64', content: Buffer.from(text).toString('base64') }
  })
}

/** The same id for a name every time, in the shape of a UUID. */
function stableId(name: string): string {
  const hash = createHash('sha256').update(`buildpack/${name}`).digest('hex')
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
