// Sends the form of the try-it page and shows the answer.
const columns = JSON.parse(document.querySelector('#columns').textContent)
const form = document.querySelector('#form')
const answer = document.querySelector('#answer')
const curl = document.querySelector('#curl')

form.addEventListener('input', () => (curl.textContent = command()))
form.addEventListener('submit', (event) => {
  event.preventDefault()
  void ask()
})
curl.textContent = command()

async function ask() {
  answer.textContent = '…'
  answer.className = ''
  try {
    const response = await fetch('predict', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body()),
    })
    answer.textContent = `${response.status}\n${JSON.stringify(await response.json(), undefined, 2)}`
  } catch (error) {
    answer.textContent = String(error)
  }
}

function body() {
  const observation = Object.fromEntries(columns.map((column) => [column.name, valueOf(column)]))
  const id = document.querySelector('#id').value
  if (id === '') return observation
  return { id: /^-?\d{1,15}$/.test(id) ? Number(id) : id, observation }
}

function valueOf({ name, isNumber, isFlag }) {
  const text = form.elements.namedItem(name).value
  if (isFlag) return text === 'true'
  if (text === '') return null
  return isNumber && !Number.isNaN(Number(text)) ? Number(text) : text
}

function command() {
  const json = JSON.stringify(body()).replaceAll("'", "'\\''")
  return `curl -X POST ${new URL('predict', location.href).href} -H "Content-Type: application/json" -d '${json}'`
}
