import { draw } from './cloud.js'

const counts = JSON.parse(document.querySelector('#word-counts').textContent)
const words = Object.entries(counts).toSorted(([, a], [, b]) => b - a)
if (words.length > 0) await draw(words, document.querySelector('#cloud'))
