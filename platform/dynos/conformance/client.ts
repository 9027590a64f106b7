import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { homeAt, type Slug } from '../../store/index.ts'
import type { InstanceSpec } from '../engine.ts'
import { openLocalEngine } from '../local/engine.ts'
import { openSandbox } from '../../sandbox/index.ts'
import type { ClientRequest } from './world.ts'

/** Opens a local engine on the home of a test, does one thing, says so and waits to be killed. */
const { root, forcePlain, request, spec } = JSON.parse(process.argv[2] ?? '') as {
  root: string
  forcePlain: boolean
  request: ClientRequest
  spec: InstanceSpec
}
const home = homeAt(root)
const sandbox = openSandbox({ home, path: '/usr/local/bin:/usr/bin:/bin', forcePlain })
const folder = async ({ id }: Slug): Promise<string> => join(root, 'slugs', id)
const slugs = { materialise: folder, layers: async (slug: Slug) => [await folder(slug)] }
const engine = openLocalEngine({ home, sandbox, slugs })

if (request.do === 'attach') await engine.attach(spec, { columns: 80, rows: 24 })
else await engine.start(spec)
if (request.do === 'stop') {
  // Until the program handles signals.
  await sleep(700)
  void engine.stop(spec.id, { graceMs: 10_000 })
  await sleep(50)
}
console.log('done')
setInterval(() => {}, 1000)
