import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { homeAt } from '../store/index.ts'
import { git, gitEnvironment } from './git.ts'
import { FLUSH, pktLine } from './pkt-line.ts'
import { receivePack, type Judge } from './receive-pack.ts'
import { prepareRepository, repositoryOf } from './repository.ts'

const NONE = '0'.repeat(40)

/** Who commits; git asks for it. */
const AUTHOR = {
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
}

/** An app's repository, and a client's clone that pushes to it without a network. */
export async function openTestRepository() {
  const root = mkdtempSync(join(tmpdir(), 'hokku-git-'))
  const repository = repositoryOf(homeAt(join(root, 'home')), 'app')
  await prepareRepository(repository)
  const clone = join(root, 'clone')
  const inClone = (...args: string[]) => git(args, { cwd: clone, env: AUTHOR })
  await git(['init', '--quiet', '--initial-branch=main', clone])

  /** Commits files; a value that starts with `->` makes a link. @returns the commit */
  const commit = async (files: Readonly<Record<string, string>>, subject = 'Change') => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(clone, name)), { recursive: true })
      if (text.startsWith('->')) await symlink(text.slice(2), join(clone, name))
      else await writeFile(join(clone, name), text)
    }
    await inClone('add', '--all')
    await inClone('commit', '--quiet', '--allow-empty', '-m', subject)
    return (await inClone('rev-parse', 'HEAD')).trim()
  }

  /** Speaks what `git push` sends. @returns what the client is answered */
  const push = async (sha: string, judge: Judge, branch = 'main'): Promise<string> => {
    const objects = (await inClone('rev-list', '--objects', sha)).replaceAll(/ .*/g, '')
    const pack = execFileSync('git', ['pack-objects', '--stdout', '--quiet'], {
      cwd: clone,
      env: gitEnvironment(),
      input: objects,
    })
    const command = pktLine(`${NONE} ${sha} refs/heads/${branch}\0 report-status side-band-64k\n`)
    const answer = new PassThrough()
    const [text] = await Promise.all([
      buffer(answer),
      receivePack(
        repository,
        {
          body: Readable.from([Buffer.concat([command, FLUSH, pack])]),
          answer,
          protocol: undefined,
          bytesMax: 2 ** 30,
        },
        judge,
      ),
    ])
    return text.toString('latin1')
  }

  return {
    root,
    repository,
    clone,
    inClone,
    commit,
    push,
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}
