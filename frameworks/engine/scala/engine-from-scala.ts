/** A Scala source as text. */
export type ScalaText = Readonly<{ path: string; text: string }>

/**
 * An `engine.ts` to start from: the skeleton's code, and behind it the Scala that it has to do as
 * well, as comments, so that both stand in one editor.
 *
 * @param skeleton the code of the skeleton's engine
 * @param changed sources of no known version, which decide what is different
 */
export function engineFromScala(skeleton: string, changed: readonly ScalaText[]): string {
  const parts = changed.map(
    ({ path, text }) =>
      `// ---- ${path}\n${text
        .trimEnd()
        .split('\n')
        .map((line) => `// ${line}`.trimEnd())
        .join('\n')}\n`,
  )
  const intro =
    changed.length === 0
      ? '// All Scala sources of this engine are of an official template.\n'
      : '// What follows is the Scala that differs from the official template. Write it in TypeScript\n' +
        '// above, then delete it here.\n\n'
  return `${skeleton.trimEnd()}\n\n${intro}${parts.join('\n')}`
}
