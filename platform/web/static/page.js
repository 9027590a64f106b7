import { keepAgesTrue } from './ages.js'
import { showLog } from './log.js'
import { refreshWhileVisible } from './refresh.js'
import { revealOnSubmit } from './reveal.js'

keepAgesTrue()

for (const button of document.querySelectorAll('[data-copy]')) {
  if (button instanceof HTMLButtonElement) copyOnClick(button)
}
for (const form of document.querySelectorAll('form[data-reveal]')) {
  if (form instanceof HTMLFormElement) revealOnSubmit(form)
}
for (const part of document.querySelectorAll('[data-refresh]')) {
  if (part instanceof HTMLElement) refreshWhileVisible(part.dataset['refresh'] ?? '')
}
for (const log of document.querySelectorAll('[data-log]')) {
  if (log instanceof HTMLElement) showLog(log)
}

/** @param {HTMLButtonElement} button */
function copyOnClick(button) {
  const label = button.textContent
  const thank = () => {
    button.textContent = 'Copied'
    setTimeout(() => (button.textContent = label), 1500)
  }
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(button.dataset['copy'] ?? '').then(thank)
  })
}
