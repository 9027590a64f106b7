/**
 * Puts a server's memory limit in force. Node takes it only at its start, so this process
 * replaces itself by one with the limit: same id, same standard streams.
 */
export function restartWithin(memoryMb: number): void {
  const limit = `--max-old-space-size=${memoryMb}`
  if (process.execve === undefined || process.execArgv.includes(limit)) return
  process.execve(process.execPath, [
    process.execPath,
    ...process.execArgv,
    limit,
    ...process.argv.slice(1),
  ])
}
