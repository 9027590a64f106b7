import { createReadStream } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Refusal } from './http.ts'

const require = createRequire(import.meta.url)
const own = (name: string): string => join(import.meta.dirname, 'static', name)

const FILES = new Map([
  ['style.css', { path: own('style.css'), type: 'text/css' }],
  ['upload.js', { path: own('upload.js'), type: 'text/javascript' }],
  ['document.js', { path: own('document.js'), type: 'text/javascript' }],
  ['cloud.js', { path: own('cloud.js'), type: 'text/javascript' }],
  [
    'd3.layout.cloud.js',
    { path: require.resolve('d3-cloud/build/d3.layout.cloud.js'), type: 'text/javascript' },
  ],
])

export function sendFile(response: ServerResponse, name: string): void {
  const file = FILES.get(name)
  if (file === undefined) throw new Refusal(404, 'There is no such file.')
  response.writeHead(200, { 'content-type': `${file.type}; charset=utf-8`, 'cache-control': 'max-age=300' })
  createReadStream(file.path).pipe(response)
}
