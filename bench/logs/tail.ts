/** Reads a log stream and counts its lines: `tail.ts <url>`; prints the count on SIGTERM. */
const response = await fetch(process.argv[2] ?? '', { headers: { accept: 'text/event-stream' } })
const mark = Buffer.from(' app[')
let count = 0
/** A mark may be cut by the end of a chunk. */
let rest: Uint8Array = Buffer.alloc(0)

process.on('SIGTERM', () => {
  process.stdout.write(`${count}\n`, () => process.exit(0))
})
process.stdout.write('reading\n')
for await (const chunk of response.body ?? []) {
  const bytes = Buffer.concat([rest, chunk])
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) count++
  rest = bytes.subarray(Math.max(0, bytes.length - mark.length + 1))
}
