import { table } from '@hokku/kit/command-line'
import { measureCounting } from './counting.ts'
import { measureLargeUploads } from './large-upload.ts'
import { measureStorage } from './storage.ts'

/** `node bench/wordcloud/main.ts [counting] [storage] [large-upload]`: all of them, unless some are named. */
const named = process.argv.slice(2)
const isWanted = (name: string): boolean => named.length === 0 || named.includes(name)

if (isWanted('counting')) {
  const results = await measureCounting()
  const ours = results[0]?.megabytesPerS ?? 0
  const rows = results.map(({ way, megabytesPerS }) => [
    way,
    megabytesPerS.toFixed(1),
    (ours / megabytesPerS).toFixed(2),
  ])
  console.log(table([['counting', 'MB/s', 'classic : this (goal ≥ 1)'], ...rows]))
}
if (isWanted('storage')) {
  for (const { where, verb, oursPerS, nginxPerS, ratio } of await measureStorage()) {
    console.log(
      `${verb} of 1 MiB objects ${where}: ours ${oursPerS}/s, nginx ${nginxPerS}/s, ratio ${ratio.toFixed(2)} (goal ≥ 0.5)`,
    )
  }
}
if (isWanted('large-upload')) {
  const rows = (await measureLargeUploads()).map((upload) => [
    `${upload.way}, ${upload.text}`,
    upload.uploadSeconds.toFixed(1),
    `${upload.countSeconds.toFixed(1)}${upload.approximate ? ' (approximate)' : ''}`,
    String(upload.webMegabytes),
    String(upload.workerMegabytes),
  ])
  const head = ['1 GB by', 'upload s', 'count s', 'web MB (goal < 200)', 'worker MB (goal < 200)']
  console.log(table([head, ...rows]))
}
