import { createInterface } from 'node:readline'

/** Where a question is asked, and whence the answer comes. */
export type Conversation = Readonly<{
  input: NodeJS.ReadableStream & { isTTY?: boolean; unref?: () => void }
  output: NodeJS.WritableStream
}>

/**
 * Asks for one line. Where standard input is not a terminal the next line of it is the answer, so that
 * scripts can pipe one in.
 *
 * @returns what was typed; undefined at the end of the input
 */
export async function ask(
  question: string,
  { input, output }: Conversation = { input: process.stdin, output: process.stdout },
): Promise<string | undefined> {
  output.write(question)
  const lines = createInterface({ input })
  try {
    for await (const line of lines) return line
    return undefined
  } finally {
    lines.close()
    // A terminal or a pipe would keep the process alive; a file cannot be released and need not.
    input.unref?.()
  }
}

/**
 * Asks a yes-or-no question. No is the default, and the answer where standard input is not a terminal:
 * then nothing is asked, and the caller says which option agrees in advance.
 */
export async function confirm(question: string, conversation?: Conversation): Promise<boolean> {
  const input = conversation?.input ?? process.stdin
  if (input.isTTY !== true) return false
  return /^y(?:es)?$/i.test((await ask(`${question} [y/N] `, conversation))?.trim() ?? '')
}
