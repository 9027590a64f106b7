import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, type TestPlatform } from './platform.ts'

/** The buildpack that the documents name. */
export const ENGINE_BUILDPACK = 'https://github.com/heroku/predictionio-buildpack'

/** A folder with an engine's files and nothing of git yet, as a template is unpacked. */
export async function unpackEngine(platform: TestPlatform, fixture: string): Promise<string> {
  const folder = join(platform.folder, fixture)
  await cp(join(import.meta.dirname, 'fixtures', fixture), folder, { recursive: true })
  return folder
}

/** JSON to an app, as its clients would send it. */
export async function post(
  platform: TestPlatform,
  app: string,
  path: string,
  body: object,
): Promise<{ status: number; text: string }> {
  const { stdout } = await platform.attempt(
    `curl -s -w '\\n%{http_code}' -H 'Content-Type: application/json' -H 'Host: ${app}.localhost:${platform.port}' -d '${JSON.stringify(body)}' 'http://127.0.0.1:${platform.port}${path}'`,
  )
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) }
}

/** The prediction for a query; tried again while the app comes up. */
export async function query(platform: TestPlatform, app: string, body: object): Promise<object> {
  return await eventually(async () => {
    const { status, text } = await post(platform, app, '/queries.json', body)
    return status === 200 ? (JSON.parse(text) as object) : undefined
  }, UP_MS_MAX)
}

/** Which training an engine serves, as its status page says; undefined while it is not up. */
export async function instanceOf(platform: TestPlatform, app: string): Promise<string | undefined> {
  const { text } = await platform.get(app)
  return /Instance ID<\/th><td>([^<]+)</.exec(text)?.[1]
}

/** A dyno of a busy machine starts within this time. */
export const UP_MS_MAX = 120_000
