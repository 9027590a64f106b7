import { problem } from '../../store/index.ts'
import { readTenantText, tenantEntry } from '../../sandbox/index.ts'

/**
 * The buildpacks that files of an app ask for when its owner has chosen none: the lines of
 * `.buildpacks`, else those for a Dockerfile and an `Aptfile` before the one that knows the app.
 */
export async function listedBuildpacks(
  tree: string,
  stack: string,
): Promise<readonly (string | null)[]> {
  const list = await readTenantText(tree, '.buildpacks', LIST_BYTES_MAX)
  const lines = (list ?? '').split(/\r?\n/).map((line) => line.trim())
  const named = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (named.length > 0) return named
  const docker = await forDocker(tree, stack)
  const apt = docker.apt || (await tenantEntry(tree, 'Aptfile')) === 'file' ? ['hokku/apt'] : []
  const before = [...docker.before, ...apt]
  return before.length === 0 ? [] : [...before, null]
}

/**
 * On the stack `container` a Dockerfile says how the app is built; on others it is asked where no
 * Procfile says what runs.
 */
async function forDocker(
  tree: string,
  stack: string,
): Promise<Readonly<{ before: readonly string[]; apt: boolean }>> {
  const files = await Promise.all(
    ['Procfile', 'heroku.yml', 'Dockerfile'].map((name) => tenantEntry(tree, name)),
  )
  const [procfile, ...docker] = files.map((kind) => kind === 'file')
  const isChosen = stack === 'container'
  if (!docker.includes(true)) {
    if (!isChosen) return { before: [], apt: false }
    throw problem('build_rejected', 'The stack is container, but there is no heroku.yml.', {
      hint: 'Add heroku.yml or a Dockerfile, or use buildpacks: heroku stack:set heroku-24',
    })
  }
  if (procfile === true && !isChosen) return { before: [], apt: false }
  const text = (await readTenantText(tree, 'Dockerfile', LIST_BYTES_MAX)) ?? ''
  return { before: ['hokku/docker'], apt: /\bapt(?:-get)? (?:-\S+ )*install\b/.test(text) }
}

/** Room for a hundred addresses. */
const LIST_BYTES_MAX = 16 * 1024
