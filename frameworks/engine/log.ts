/** Where progress is logged. Texts and form are read by scripts: `[LEVEL] [Component] message`. */
export type Log = Readonly<{
  info: (component: string, message: string) => void
  warn: (component: string, message: string) => void
  error: (component: string, message: string) => void
}>

/** A log that writes every line of a message with its own head, as log readers expect. */
export function createLog(write: (text: string) => void): Log {
  const at =
    (level: string) =>
    (component: string, message: string): void =>
      message.split('\n').forEach((line) => write(`[${level}] [${component}] ${line}\n`))
  return { info: at('INFO'), warn: at('WARN'), error: at('ERROR') }
}
