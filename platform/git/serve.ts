import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { nameBranches } from './advertise.ts'
import { exitOf, git, gitEnvironment } from './git.ts'
import { FLUSH, pktLine } from './pkt-line.ts'
import { forward, protocolVariable, type GitExchange } from './receive-pack.ts'
import type { Repository } from './repository.ts'

/** What a client may ask for: `git push` and `git fetch`. */
export type GitService = 'git-receive-pack' | 'git-upload-pack'

export const isGitService = (name: string | undefined): name is GitService =>
  name === 'git-receive-pack' || name === 'git-upload-pack'

/** Advertises the refs to a client (`GET info/refs`). */
export async function advertiseRefs(
  repository: Repository,
  service: GitService,
  exchange: Pick<GitExchange, 'answer' | 'protocol'>,
): Promise<void> {
  const { answer, protocol } = exchange
  answer.write(Buffer.concat([pktLine(`# service=${service}\n`), FLUSH]))
  if (service === 'git-upload-pack') {
    return stateless(repository, service, ['--advertise-refs'], protocol, answer)
  }
  const command = ['receive-pack', '--stateless-rpc', '--advertise-refs', repository.folder]
  const refs = await git(command, { env: protocolVariable(protocol) })
  answer.end(nameBranches(Buffer.from(refs)))
}

/** Serves `git fetch` and `git clone`. */
export async function uploadPack(repository: Repository, exchange: GitExchange): Promise<void> {
  await stateless(repository, 'git-upload-pack', [], exchange.protocol, exchange.answer, exchange)
}

async function stateless(
  repository: Repository,
  service: GitService,
  options: readonly string[],
  protocol: string | undefined,
  answer: Writable,
  input?: Pick<GitExchange, 'body'>,
): Promise<void> {
  const command = service.slice('git-'.length)
  const child = spawn('git', [command, '--stateless-rpc', ...options, repository.folder], {
    env: gitEnvironment(protocolVariable(protocol)),
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => {})
  if (input === undefined) child.stdin.end()
  else input.body.on('error', () => child.stdin.destroy()).pipe(child.stdin)
  await Promise.all([exitOf(child), forward(child.stdout, answer)])
}
