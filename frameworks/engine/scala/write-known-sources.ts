import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fingerprintOf } from './fingerprint.ts'

/**
 * Writes `known-sources.json` from clones of the official templates:
 *
 * ```
 * node write-known-sources.ts recommendation=CLONE:src/main service-plans=CLONE:src/main@HEAD -0a1b2c3d4e5f
 * ```
 *
 * Without a commit the whole history counts. `-FINGERPRINT` leaves out what a template was for a day
 * and ours does not do.
 */
const BYTES_MAX = 64 * 1024 * 1024
const git = (repository: string, ...args: readonly string[]): string =>
  execFileSync('git', ['--git-dir', repository, ...args], {
    encoding: 'utf8',
    maxBuffer: BYTES_MAX,
  })

type Version = Readonly<{ path: string; hash: string }>

function versions(repository: string, folder: string, commit: string | undefined): Version[] {
  const commits =
    commit === undefined
      ? git(repository, 'log', '--all', '--format=%H', '--', folder).split('\n')
      : [commit]
  const seen = new Set<string>()
  return commits.filter(Boolean).flatMap((commit) =>
    git(repository, 'ls-tree', '-r', commit, '--', folder)
      .split('\n')
      .flatMap((line) => {
        const [, blob = '', path = ''] = /^\d+ blob (\w+)\t(.*\.scala)$/.exec(line) ?? []
        if (blob === '' || path.includes('/test/') || seen.has(blob)) return []
        seen.add(blob)
        return [{ path, hash: fingerprintOf(git(repository, 'cat-file', 'blob', blob)) }]
      }),
  )
}

const words = process.argv.slice(2)
const left = new Set(words.filter((word) => word.startsWith('-')).map((word) => word.slice(1)))
const table = new Map<string, Map<string, string>>()
for (const word of words.filter((one) => !one.startsWith('-'))) {
  const [, template = '', repository = '', folder = '', commit] =
    /^([^=]+)=(.+):([^@]+)(?:@(\w+))?$/.exec(word) ?? []
  const known = table.get(template) ?? new Map<string, string>()
  for (const { path, hash } of versions(repository, folder, commit)) {
    if (!left.has(hash)) known.set(hash, basename(path))
  }
  table.set(template, known)
}
const json = Object.fromEntries(
  [...table].map(([template, known]) => [
    template,
    Object.fromEntries(
      [...known].toSorted(([a, fileA], [b, fileB]) => `${fileA}${a}`.localeCompare(`${fileB}${b}`)),
    ),
  ]),
)
writeFileSync(join(import.meta.dirname, 'known-sources.json'), `${JSON.stringify(json, null, 2)}\n`)
