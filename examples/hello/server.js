import { createServer } from 'node:http'
import { pool } from './database.js'

const server = createServer(async (request, response) => {
  try {
    if (request.url === '/visits') {
      await pool.query('insert into visits default values')
      const { rows } = await pool.query('select count(*)::int as visits from visits')
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(rows[0]))
    } else {
      console.log(`greeting ${request.headers['user-agent']}`)
      response.end(`Hello from ${process.env.ME ?? 'hokku'}\n`)
    }
  } catch (error) {
    console.error(error)
    response.writeHead(500).end('The database did not answer.\n')
  }
})

server.listen(process.env.PORT, () => console.log(`listening on ${process.env.PORT}`))

process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
