// Sends the file from the browser to the store. Without script, or where that fails, the form goes
// through the web process.
const form = document.querySelector('#upload')
const bar = document.querySelector('#sent')
const problem = document.querySelector('#problem')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const name = form.elements['document-name'].value
  const file = form.elements['input-file'].files[0]
  form.querySelector('button').disabled = true
  problem.hidden = true
  try {
    const made = await ask('POST', '/api/documents', { name, filename: file.name, bytes: file.size })
    bar.hidden = false
    try {
      await sendFile(made, file)
    } catch {
      // The store may be out of this browser's reach; we are not.
      await send('PUT', `/api/documents/${made.id}/content`, file)
    }
    const done = made.form ? await complete(made.id) : made
    location.assign(done.links.cloud)
  } catch (error) {
    problem.textContent = error.message
    problem.hidden = false
    bar.hidden = true
    form.querySelector('button').disabled = false
  }
})

async function complete(id) {
  return await ask('POST', `/api/documents/${id}/complete`, {})
}

function sendFile(made, file) {
  if (made.content) return send(made.content.method, made.content.url, file)
  const body = new FormData()
  for (const [name, value] of Object.entries(made.form.fields)) body.set(name, value)
  body.set('file', file)
  return send('POST', made.form.url, body)
}

function send(method, url, body) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.upload.onprogress = ({ loaded, total }) => {
      bar.max = total
      bar.value = loaded
    }
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new Error(`The upload failed (${request.status}).`))
    request.onerror = () => reject(new Error('The upload was cut off.'))
    request.open(method, url)
    request.send(body)
  })
}

async function ask(method, url, content) {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(content),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}
