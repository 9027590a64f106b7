/** Keeps the words of all `<time>` elements true while the page is open. */
export function keepAgesTrue() {
  setInterval(() => {
    for (const time of document.querySelectorAll('time')) {
      const words = ageInWords(Date.now() - Date.parse(time.dateTime))
      if (time.textContent !== words) time.textContent = words
    }
  }, 30_000)
}

/**
 * `just now`, `5 min ago`, `3 h ago`, `12 days ago`; the server's pages say it with this, too.
 *
 * @param {number} ms
 */
export function ageInWords(ms) {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ago`
  return `${Math.floor(hours / 24)} days ago`
}
