const INTERVAL_MS = 3000

/**
 * Asks for the parts of the page that change by themselves and puts in those that have changed,
 * while someone is looking.
 *
 * @param {string} url
 */
export function refreshWhileVisible(url) {
  setInterval(() => {
    if (!document.hidden) void refresh(url)
  }, INTERVAL_MS)
}

/** @param {string} url */
async function refresh(url) {
  const response = await fetch(url).catch(() => undefined)
  if (response?.ok !== true || response.redirected) return
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html')
  for (const part of fresh.querySelectorAll('[data-live]')) replaceIfChanged(part)
}

/** @param {Element} fresh */
function replaceIfChanged(fresh) {
  const name = fresh.getAttribute('data-live') ?? ''
  const old = document.querySelector(`[data-live="${CSS.escape(name)}"]`)
  if (old !== null && old.innerHTML !== fresh.innerHTML) old.replaceWith(fresh)
}
