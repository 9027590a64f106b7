import { measureCounting } from './counting.ts'
import { measureStorage } from './storage.ts'

/** `node bench/wordcloud/main.ts`: counting against Python, storage against nginx, as ratios. */
const counting = await measureCounting()
console.log(
  `counting, classic rules, ${counting.megabytes} MB: ours ${counting.oursMBPerS} MB/s, python3 ${counting.pythonMBPerS} MB/s, ratio ${(counting.oursMBPerS / counting.pythonMBPerS).toFixed(2)} (goal ≥ 1)`,
)
for (const { where, verb, oursPerS, nginxPerS, ratio } of await measureStorage()) {
  console.log(
    `${verb} of 1 MiB objects ${where}: ours ${oursPerS}/s, nginx ${nginxPerS}/s, ratio ${ratio.toFixed(2)} (goal ≥ 0.5)`,
  )
}
