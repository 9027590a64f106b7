/**
 * Ends this process when the reader of its output has gone: `pio app list | head` must not end in a
 * stack trace.
 */
export function endWithReader(): void {
  process.stdout.on('error', () => process.exit(1))
}
