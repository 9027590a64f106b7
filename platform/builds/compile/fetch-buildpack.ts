import { join } from 'node:path'
import { problem } from '../../store/index.ts'
import { runProgram, seen, type BuildRun } from './programs.ts'
import type { BuildpackReference } from './reference.ts'
import { SEEN } from './workspace.ts'

/**
 * Fetches a third-party buildpack into the build. It is downloaded inside the sandbox, as the
 * app's own user, since what comes is not trusted.
 *
 * @throws Problem `build_rejected` with what git or the server said
 */
export async function fetchBuildpack(
  run: BuildRun,
  reference: BuildpackReference,
  index: string,
): Promise<{ folder: string; placed: string; installed: undefined }> {
  if (reference.kind === 'built-in') throw new TypeError('built-in buildpacks are not fetched')
  const folder = seen(run, `${SEEN.packs}/${index}`)
  const output = run.text.program()
  const code = await runProgram(run, {
    title: `the download of ${reference.url}`,
    command:
      reference.kind === 'git'
        ? ['sh', '-c', CLONE, 'sh', reference.url, folder, reference.ref ?? '']
        : ['sh', '-c', DOWNLOAD, 'sh', reference.url, folder, FETCH],
    env: { GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'http:https' },
    onOutput: output.write,
  })
  output.end()
  if (code !== 0) {
    throw problem('build_rejected', `The buildpack ${reference.url} could not be fetched.`, {
      hint: hintFor(reference.url),
    })
  }
  return { folder, placed: join(run.workspace.root, 'packs', index), installed: undefined }
}

/** Builds reach servers of this machine only where its owner opens their port. */
function hintFor(address: string): string {
  const { hostname, port } = new URL(address)
  if (!/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) {
    return 'Check the address, and that this machine reaches it.'
  }
  return `Check the address. If builds may reach that server of this machine: HOKKU_OPEN_PORTS=${port === '' ? 80 : port} hokku up`
}

/** A branch or tag in one step; a commit, or a server of plain files, needs the history. */
const CLONE = `set -e
if ! git clone --quiet --depth 1 \${3:+--branch "$3"} -- "$1" "$2" 2>/dev/null; then
  rm -rf "$2"; git clone --quiet -- "$1" "$2"
  [ -z "$3" ] || git -C "$2" checkout --quiet --detach "$3"
fi
git -C "$2" submodule --quiet update --init --recursive`

/** The archive has `bin/` at its top, or in the one folder that it holds. */
const DOWNLOAD = `set -e
mkdir "$2" "$2.unpacked"
"$HOKKU_NODE" --input-type=module --eval "$3" "$1" "$2.archive"
tar -xf "$2.archive" -C "$2.unpacked"
rm "$2.archive"
top="$2.unpacked"
if [ ! -d "$top/bin" ]; then for folder in "$top"/*/; do top="$folder"; break; done; fi
[ -d "$top/bin" ] || { echo "There is no bin/ in the archive."; exit 1; }
mv "$top"/* "$2"/`

/** Not every machine has curl; every build has our Node. */
const FETCH = `import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
const [url, file] = process.argv.slice(1)
const answer = await fetch(url, { signal: AbortSignal.timeout(300_000) })
if (!answer.ok) { console.error('The server answered ' + answer.status); process.exit(1) }
await pipeline(Readable.fromWeb(answer.body), createWriteStream(file))`
