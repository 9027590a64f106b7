import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { answerRequest } from './answer.ts'
import { parseSite } from './site.ts'

/** Serves a static site: `.heroku/static/main.ts` in a dyno. */
const app = process.env['HOME'] ?? process.cwd()
const { site } = parseSite(settings())
const server = createServer((request, response) => {
  answerRequest(request, response, { root: join(app, site.root), site }).catch((error: unknown) => {
    console.error(error)
    if (!response.headersSent) response.writeHead(500)
    response.end()
  })
})
server.listen(Number(process.env['PORT'] ?? 5000))
process.on('SIGTERM', () => server.close(() => process.exit(0)))

function settings(): string | undefined {
  try {
    return readFileSync(join(app, 'static.json'), 'utf8')
  } catch {
    return undefined
  }
}
