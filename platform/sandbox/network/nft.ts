import { spawnSync } from 'node:child_process'

/** Runs `nft`, the program that sets the kernel's packet filter. @returns why it failed, or null */
export function nft(args: readonly string[], input = ''): string | null {
  const { status, stderr, error } = spawnSync('nft', args, {
    input,
    timeout: NFT_MS_MAX,
    env: { PATH: NFT_PATH },
    encoding: 'utf8',
  })
  if (error !== undefined) return error.message
  return status === 0 ? null : (stderr.trim().split('\n')[0] ?? '')
}

/** Users' PATH often lacks the folders of system programs. */
const NFT_PATH = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin'

/** It takes some 20 ms; a machine that swaps may need longer. */
const NFT_MS_MAX = 60_000
