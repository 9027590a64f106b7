import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Rejected } from './compile.ts'
import { say } from './print.ts'

/** A file of the network, and the SHA-512 that it must have. */
export type Download = Readonly<{ address: string; sha512: string }>

/** Puts a file into a folder of the cache, unless it is there. @throws Rejected with the reason */
export function download(
  file: string,
  { address, sha512 }: Download,
  env: NodeJS.ProcessEnv,
): void {
  if (existsSync(file)) return
  say(`Downloading ${address}...`)
  mkdirSync(dirname(file), { recursive: true })
  const temporary = `${file}.tmp`
  rmSync(temporary, { force: true })
  const script = join(import.meta.dirname, 'download-file.ts')
  // Node follows the proxy settings of its environment only when it is asked to as it starts.
  const { status } = spawnSync(process.execPath, [script, address, sha512, temporary], {
    env: { ...env, NODE_USE_ENV_PROXY: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) {
    throw new Rejected(`${address} could not be downloaded. Check that this machine reaches it.`)
  }
  renameSync(temporary, file)
}
