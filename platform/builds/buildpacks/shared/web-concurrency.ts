/**
 * Shell lines for `.profile.d` that say how many web processes fit into a dyno's memory; an app
 * need not use it.
 *
 * @param memoryMb what one process takes: a shell expression
 */
export const webConcurrency = (memoryMb: string): string =>
  `if [ -z "$WEB_CONCURRENCY" ] && [ -n "$MEMORY_AVAILABLE" ]; then
  export WEB_CONCURRENCY=$(( MEMORY_AVAILABLE / ${memoryMb} ))
  [ "$WEB_CONCURRENCY" -ge 1 ] || export WEB_CONCURRENCY=1
fi
`
