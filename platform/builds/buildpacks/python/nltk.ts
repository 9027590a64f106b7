import { Rejected } from '#buildpack/compile'
import { say, step } from '#buildpack/print'
import { run } from '#buildpack/run'
import type { TextOf } from './choose-manager.ts'
import type { Places } from '#buildpack/uv'

/** Downloads the corpora that `nltk.txt` names to where NLTK looks for them. */
export function downloadCorpora(
  packages: ReadonlySet<string>,
  textOf: TextOf,
  { tree, env }: Places,
): void {
  if (!packages.has('nltk')) return
  step('Downloading NLTK corpora')
  const names = (textOf('nltk.txt') ?? '').split(/\s+/).filter((name) => name !== '')
  if (names.length === 0) return say('There is no nltk.txt, so no corpora are downloaded')
  say(`Packages: ${names.join(', ').replaceAll(/[^\x20-\x7e]/g, '?')}`)
  const command = ['python', '-m', 'nltk.downloader', '-d', `${tree}/.heroku/python/nltk_data`]
  if (run([...command, ...names], { cwd: tree, env })) return
  throw new Rejected('The corpora of nltk.txt could not be downloaded; the message is above.')
}
