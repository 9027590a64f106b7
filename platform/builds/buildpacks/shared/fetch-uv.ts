import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { UV_VERSION } from './uv.ts'

/** The wheels of uv by machine, with the SHA-256 that the package index gives for them. */
const WHEELS: Readonly<Record<string, readonly [name: string, sha256: string]>> = {
  'linux-x64': [
    'manylinux_2_17_x86_64.manylinux2014_x86_64',
    'd7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19',
  ],
  'linux-arm64': [
    'manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64',
    '5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe',
  ],
  'darwin-x64': [
    'macosx_10_12_x86_64',
    'c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5',
  ],
  'darwin-arm64': [
    'macosx_11_0_arm64',
    '66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63',
  ],
}

/** Puts uv into a folder, from the index that pip would ask. */
async function fetchUv(folder: string, index: string): Promise<void> {
  const wheel = WHEELS[`${platform()}-${arch()}`]
  if (wheel === undefined) throw new Error(`uv is not known for ${platform()} on ${arch()}`)
  const [tag, sha256] = wheel
  const name = `uv-${UV_VERSION}-py3-none-${tag}.whl`
  const page = new URL('uv/', `${index.replace(/\/$/, '')}/`)
  const bytes = await read(addressOf(name, new TextDecoder().decode(await read(page)), page))
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new Error(`${name} has another content than expected`)
  }
  const file = join(folder, name)
  writeFileSync(file, bytes)
  unpack(file, `uv-${UV_VERSION}.data/scripts/uv`, join(folder, 'uv'))
  rmSync(file)
}

/** The address that an index page, in HTML or JSON, gives for a file. */
function addressOf(name: string, page: string, base: URL): URL {
  const found = page.match(/[^"'<>\s]+\.whl/g)?.find((one) => one.endsWith(`/${name}`))
  if (found === undefined) throw new Error(`${base.host} has no ${name}`)
  return new URL(found, base)
}

async function read(address: URL): Promise<Uint8Array> {
  const { username, password } = address
  const bare = new URL(address)
  bare.username = ''
  bare.password = ''
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
  const headers = username === '' ? {} : { authorization: `Basic ${login.toString('base64')}` }
  const signal = AbortSignal.timeout(DOWNLOAD_MS_MAX)
  const answer = await fetch(bare, { headers, signal })
  if (!answer.ok) throw new Error(`${bare.href} answered ${answer.status}`)
  return new Uint8Array(await answer.arrayBuffer())
}

/** Twenty megabytes on a slow line. */
const DOWNLOAD_MS_MAX = 5 * 60_000

/** A wheel is a zip archive, which every Python reads. */
function unpack(archive: string, entry: string, file: string): void {
  const script =
    'import sys, zipfile; open(sys.argv[3], "wb").write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))'
  const { status, error } = spawnSync('python3', ['-c', script, archive, entry, file], {
    stdio: 'inherit',
  })
  if (error !== undefined || status !== 0) {
    throw new Error('there is no Python 3 on this machine. On Debian: apt-get install python3')
  }
}

try {
  // The address may hold a password, so it is not an argument.
  await fetchUv(process.argv[2] ?? '.', readFileSync(0, 'utf8').trim())
} catch (error) {
  const cause =
    error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  console.log(` !     ${error instanceof Error ? error.message : String(error)}${cause}`)
  process.exitCode = 1
}
