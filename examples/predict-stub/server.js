import { createServer } from 'node:http'

const BODY_BYTES_MAX = 100_000

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(`${JSON.stringify(body, undefined, 2)}\n`)
  }
  if (request.method !== 'POST' || request.url !== '/predict') {
    return answer(404, { error: 'POST /predict is all there is.' })
  }
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > BODY_BYTES_MAX) return answer(413, { error: 'The body is too large.' })
  }
  // First stage: a server that knows nothing yet.
  if (text === '') return answer(200, { prediction: 0.5 })
  if (!request.headers['content-type']?.startsWith('application/json')) {
    return answer(415, { error: 'The header Content-Type must be application/json.' })
  }
  // Second stage: it looks at the observation.
  try {
    const { unemployed } = JSON.parse(text)
    if (typeof unemployed !== 'boolean') return answer(400, { error: 'unemployed must be true or false.' })
    return answer(200, { prediction: unemployed })
  } catch {
    return answer(400, { error: 'The body is not valid JSON.' })
  }
})

server.listen(process.env.PORT ?? 5000, () => console.log('Listening'))
