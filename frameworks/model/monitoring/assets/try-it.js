// Sends the form of the try-it page and shows the answer.
import { find } from './cards.js'

/** @typedef {string | number | boolean} Known */

/** @type {readonly { name: string, isNumber: boolean, isFlag: boolean, known: readonly Known[] }[]} */
const columns = JSON.parse(find('#columns').textContent ?? '[]')
const form = find('#form')
const answer = find('#answer')
const curl = find('#curl')

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
    const json = JSON.stringify(await response.json(), undefined, 2)
    answer.textContent = `${response.status} ${response.statusText}\n${json}`
  } catch (error) {
    answer.textContent = String(error)
  }
}

function body() {
  const observation = Object.fromEntries(columns.map(({ name }, i) => [name, valueOf(i)]))
  const id = textOf('#id')
  if (id === '') return observation
  return { id: /^-?\d{1,15}$/.test(id) ? Number(id) : id, observation }
}

/** @param {number} i number of the column */
function valueOf(i) {
  const column = columns[i]
  const text = textOf(`#column-${i}`)
  if (column?.isFlag === true) return text === 'true'
  if (text === '') return null
  if (column?.isNumber === true) return Number.isNaN(Number(text)) ? text : Number(text)
  // A category may be a number in a column of anything.
  return column?.known.find((value) => String(value) === text) ?? text
}

/** @param {string} selector */
function textOf(selector) {
  return /** @type {HTMLInputElement} */ (find(selector, form)).value
}

function command() {
  const json = JSON.stringify(body()).replaceAll("'", "'\\''")
  return `curl -X POST ${new URL('predict', location.href).href} -H "Content-Type: application/json" -d '${json}'`
}
