import { createWriteStream } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { checkOutExample, eventually, startPlatform } from '../../tests/stories/platform.ts'
import type { TestPlatform } from '../../tests/stories/platform.ts'
import { naturalLine, startRandom } from './text.ts'

const GIGABYTE = 1e9
const LINES_AT_ONCE = 10_000
const COUNT_MS_MAX = 20 * 60_000

export type LargeUpload = Readonly<{
  way: 'form' | 'presigned POST'
  text: string
  uploadSeconds: number
  countSeconds: number
  approximate: boolean
  /** The most that the processes have ever had resident since they started. */
  webMegabytes: number
  workerMegabytes: number
}>

/** A text of 1 GB through the web process, then one to the bucket itself, on a platform with all add-ons. */
export async function measureLargeUploads(): Promise<LargeUpload[]> {
  const platform = await startPlatform()
  try {
    const folder = await checkOutExample(platform, 'wordcloud')
    const type = (line: string): Promise<string> => platform.sh(line, { cwd: folder })
    await type('heroku create words')
    for (const addon of ['heroku-postgresql', 'bucketeer:micro', 'cloudamqp']) {
      await type(`heroku addons:create ${addon} --wait`)
    }
    await type('git push heroku main')
    await type('heroku ps:scale worker=1')
    await eventually(
      async () =>
        (await platform.get('words', '/test_connection')).status === 200 ? true : undefined,
      120_000,
    )
    return [
      await measure(platform, 'form', 'natural text'),
      await measure(platform, 'presigned POST', 'a new word in each line'),
    ]
  } finally {
    await platform.stop()
  }
}

async function measure(
  platform: TestPlatform,
  way: LargeUpload['way'],
  text: string,
): Promise<LargeUpload> {
  const file = join(platform.folder, 'large.txt')
  await pipeline(Readable.from(linesOf(text === 'natural text')), createWriteStream(file))
  const app = `-H 'Accept: application/json' -H 'Host: words.localhost:${platform.port}' http://127.0.0.1:${platform.port}`
  const startedAt = performance.now()
  const id =
    way === 'form'
      ? idIn(await platform.sh(`curl -s -F document-name=Form -F input-file=@${file} ${app}/`))
      : await presigned(platform, app, file)
  const uploadSeconds = (performance.now() - startedAt) / 1000
  const done = await eventually(async () => {
    const found = JSON.parse((await platform.get('words', `/api/documents/${id}`)).text) as Done
    if (found.status === 'failed') throw new Error(found.error ?? 'failed')
    return found.status === 'done' ? found : undefined
  }, COUNT_MS_MAX)
  return {
    way,
    text,
    uploadSeconds,
    countSeconds: done.secondsCounting,
    approximate: done.approximate,
    webMegabytes: await peakOf(platform, 'web.ts'),
    workerMegabytes: await peakOf(platform, 'worker.ts'),
  }
}

type Done = { status: string; error: string | null; secondsCounting: number; approximate: boolean }

/** As the page's script does it. */
async function presigned(platform: TestPlatform, app: string, file: string): Promise<string> {
  const made = JSON.parse(
    await platform.sh(`curl -s -d '{"name":"Post","filename":"a.txt"}' ${app}/api/documents`),
  ) as { id: string; form: { url: string; fields: Record<string, string> } }
  const fields = Object.entries(made.form.fields).map(([name, value]) => `-F '${name}=${value}'`)
  await platform.sh(`curl -sf ${fields.join(' ')} -F file=@${file} '${made.form.url}'`)
  return idIn(await platform.sh(`curl -s -X POST ${app}/api/documents/${made.id}/complete`))
}

const idIn = (answer: string): string => (JSON.parse(answer) as { id: string }).id

/** Of the process of this platform that runs `node <script>`. */
async function peakOf(platform: TestPlatform, script: string): Promise<number> {
  for await (const folder of glob('/proc/[0-9]*')) {
    const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '')
    const command = await read('cmdline')
    const isOurs =
      command.startsWith('node\0') &&
      command.endsWith(`\0${script}\0`) &&
      (await read('environ')).includes(`HOKKU_DOMAIN=localhost:${platform.port}\0`)
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(isOurs ? await read('status') : '')?.[1]
    if (peak !== undefined) return Math.round((Number(peak) * 1024) / 1e6)
  }
  throw new Error(`no process runs ${script}`)
}

function* linesOf(isNatural: boolean): Generator<string> {
  const random = startRandom()
  const natural = Array.from({ length: LINES_AT_ONCE }, () => naturalLine(random))
  for (let size = 0, line = 0; size < GIGABYTE;) {
    const block = natural
      .map((text) =>
        isNatural ? text : `${text.slice(0, -2)} unique-word-${(line++).toString(36)}.\n`,
      )
      .join('')
    size += block.length
    yield block
  }
}
