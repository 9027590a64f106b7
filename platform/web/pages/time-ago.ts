import { html, type Html } from '@hokku/kit/html'
import { ageInWords } from '../static/ages.js'

/** A moment in words, with the exact time behind it; the browser keeps the words true. */
export const timeAgo = (iso: string, now: Date): Html =>
  html`<time datetime="${iso}" title="${iso.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}"
    >${ageInWords(now.getTime() - Date.parse(iso))}</time
  >`
