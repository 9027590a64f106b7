import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** A stage of the tutorial is what came before, with what lies in its folder and these of the finished app. */
const STAGES = [
  { tag: '0.1.0-hello-world', shared: [] },
  { tag: '0.2.0-s3-uploads', shared: ['html.ts'] },
  {
    tag: '0.3.0-postgres',
    shared: [
      'slug.ts',
      'counting/count-stream.ts',
      'counting/counter.ts',
      'counting/stop-words.ts',
      'counting/words.ts',
      'static/cloud.js',
    ],
    submodule: 'static/vendor/d3-cloud',
  },
  { tag: '0.4.0-queuing', shared: [], submodule: 'static/vendor/d3-cloud' },
] as const

/**
 * Writes `heroku-tut.bundle`, a repository with a tag for each stage, and `d3-cloud.git`, its
 * submodule. The same sources give the same commits.
 *
 * @param address where `folder` can be read over HTTP, e.g. `http://127.0.0.1:8000`
 */
export function makeBundle(folder: string, address: string): void {
  mkdirSync(folder, { recursive: true })
  const library = makeLibrary(join(folder, 'd3-cloud.git'))
  const work = mkdtempSync(join(tmpdir(), 'heroku-tut-'))
  git(work, 'init', '--quiet', '--initial-branch=master')
  for (const stage of STAGES) {
    cpSync(join(import.meta.dirname, 'stages', stage.tag), work, { recursive: true })
    for (const file of stage.shared) {
      cpSync(join(import.meta.dirname, '../wordcloud', file), join(work, file), { recursive: true })
    }
    const path = 'submodule' in stage ? stage.submodule : undefined
    if (path !== undefined) {
      const url = `${address}/d3-cloud.git`
      writeFileSync(join(work, '.gitmodules'), `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`)
    }
    git(work, 'add', '--all')
    if (path !== undefined) git(work, 'update-index', '--add', '--cacheinfo', `160000,${library},${path}`)
    git(work, 'commit', '--quiet', '--message', stage.tag)
    git(work, 'tag', '--annotate', '--message', stage.tag, stage.tag)
  }
  git(work, 'bundle', 'create', '--quiet', resolve(folder, 'heroku-tut.bundle'), 'HEAD', '--all')
  rmSync(work, { recursive: true })
}

/** d3-cloud as it is on npm, as a bare repository that any web server can serve. @returns its commit */
function makeLibrary(repository: string): string {
  const work = mkdtempSync(join(tmpdir(), 'd3-cloud-'))
  const source = dirname(createRequire(import.meta.url).resolve('d3-cloud/package.json'))
  for (const file of ['package.json', 'LICENSE', 'README.md', 'index.js', 'build']) {
    if (existsSync(join(source, file))) cpSync(join(source, file), join(work, file), { recursive: true })
  }
  git(work, 'init', '--quiet', '--initial-branch=master')
  git(work, 'add', '--all')
  git(work, 'commit', '--quiet', '--message', 'd3-cloud')
  rmSync(repository, { recursive: true, force: true })
  git(work, 'clone', '--quiet', '--bare', work, resolve(repository))
  git(repository, 'update-server-info')
  const commit = git(work, 'rev-parse', 'HEAD').trim()
  rmSync(work, { recursive: true })
  return commit
}

/** Nothing of this machine's settings, nor the hour, gets into a commit. */
const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', args, {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Tutorial',
      GIT_AUTHOR_EMAIL: 'tutorial@example.com',
      GIT_AUTHOR_DATE: '2013-06-01T12:00:00Z',
      GIT_COMMITTER_NAME: 'Tutorial',
      GIT_COMMITTER_EMAIL: 'tutorial@example.com',
      GIT_COMMITTER_DATE: '2013-06-01T12:00:00Z',
    },
  })

if (import.meta.main) {
  const [folder, address] = process.argv.slice(2)
  if (folder === undefined || address === undefined) {
    console.error('usage: node make-bundle.ts <folder> <address at which the folder is served>')
    process.exit(1)
  }
  makeBundle(folder, address.replace(/\/+$/, ''))
  console.log(`${join(folder, 'heroku-tut.bundle')} has the tags ${STAGES.map(({ tag }) => tag).join(', ')}.`)
}
