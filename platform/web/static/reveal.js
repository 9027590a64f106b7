/**
 * Shows the value of a config var in its place, and hides it again; without this script the form
 * does the first by itself.
 *
 * @param {HTMLFormElement} form
 */
export function revealOnSubmit(form) {
  const output = form.parentElement?.querySelector('output')
  const button = form.querySelector('button')
  if (output === null || output === undefined || button === null) return
  const show = (/** @type {string} */ value) => {
    output.textContent = value
    button.textContent = value === '' ? 'Show' : 'Hide'
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (output.textContent === '') void fetchValue(form).then(show)
    else show('')
  })
}

/** @param {HTMLFormElement} form */
async function fetchValue(form) {
  const fields = new URLSearchParams()
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string') fields.append(name, value)
  }
  const response = await fetch(form.action, {
    method: 'POST',
    headers: { accept: 'text/plain' },
    body: fields,
  })
  const isValue = response.ok && !response.redirected
  return isValue ? (await response.text()) || '(empty)' : 'That did not work: reload the page.'
}
