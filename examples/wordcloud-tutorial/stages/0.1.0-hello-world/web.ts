import { createServer } from 'node:http'
import { hostname } from 'node:os'

const me = process.env['ME'] || hostname()

const server = createServer((request, response) => {
  if (request.url !== '/') return void response.writeHead(404).end('There is no such page.\n')
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(`Hello from ${me}!\n`)
})
server.listen(Number(process.env['PORT'] || 5000))
