import { html, type Html } from '@hokku/kit/html'

/** A moment in words, with the exact time behind it; `ages.js` keeps the words true. */
export const timeAgo = (iso: string, now: Date): Html =>
  html`<time datetime="${iso}" title="${iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}"
    >${ageInWords(now.getTime() - Date.parse(iso))}</time
  >`

/** `just now`, `5 min ago`, `3 h ago`, `12 days ago`. */
export function ageInWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ago`
  return `${Math.floor(hours / 24)} days ago`
}
