import { createHash } from 'node:crypto'
import type { AppUser } from './app-user.ts'

/** `/etc/hosts` of every sandbox: app hosts lead to this machine, as `*.localhost` often does not. */
export function hostsFile(names: readonly string[]): string {
  const lines = ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback']
  return [...lines, ...names.map((name) => `127.0.0.1 ${name}`), ''].join('\n')
}

/** `/etc/passwd` of a sandbox, so that programs that ask for their user's name and home find them. */
export const passwdFile = ({ uid, name }: AppUser): string =>
  [
    'root:x:0:0:root:/root:/usr/sbin/nologin',
    `${name}:x:${uid}:${uid}:app:/app:/bin/bash`,
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    '',
  ].join('\n')

/** `/etc/machine-id` of a sandbox: programs read one, and this says nothing about the machine. */
export const machineId = ({ uid, name }: AppUser): string =>
  `${createHash('sha256').update(`machine of ${name} ${uid}`).digest('hex').slice(0, 32)}\n`
