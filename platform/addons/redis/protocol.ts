import { connect, type Socket } from 'node:net'

/**
 * Sends commands to a Redis, one after the other, and closes the connection.
 *
 * @returns what each answers: text, or undefined for nil
 * @throws Error with what Redis says, or because it does not answer in time
 */
export async function sendCommands(
  port: number,
  commands: readonly (readonly string[])[],
): Promise<(string | undefined)[]> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy(new Error('Redis does not answer')))
  try {
    socket.write(commands.map((command) => encode(command)).join(''))
    return await readReplies(socket, commands.length)
  } finally {
    socket.destroy()
  }
}

const ANSWER_MS_MAX = 10_000

const encode = (command: readonly string[]): string =>
  `*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`

async function readReplies(socket: Socket, count: number): Promise<(string | undefined)[]> {
  let text = ''
  const replies: (string | undefined)[] = []
  // Answers to our own commands are plain text; of ASCII, so that lengths in bytes are lengths.
  socket.setEncoding('latin1')
  for await (const chunk of socket as AsyncIterable<string>) {
    text += chunk
    for (let reply = takeReply(text); reply !== undefined; reply = takeReply(text)) {
      if (reply.error !== undefined) throw new Error(reply.error)
      replies.push(reply.value)
      text = text.slice(reply.length)
    }
    if (replies.length >= count) return replies
  }
  throw new Error('Redis closed the connection')
}

type Reply = Readonly<{ length: number; value?: string | undefined; error?: string }>

/** The first whole reply of a text; undefined while it is not all there. Lists are not asked for. */
export function takeReply(text: string): Reply | undefined {
  const end = text.indexOf('\r\n')
  if (end === -1) return undefined
  const line = text.slice(1, end)
  const length = end + 2
  switch (text[0]) {
    case '+':
    case ':':
      return { length, value: line }
    case '-':
      return { length, error: line }
    case '$': {
      const bytes = Number(line)
      if (bytes === -1) return { length, value: undefined }
      if (text.length < length + bytes + 2) return undefined
      return { length: length + bytes + 2, value: text.slice(length, length + bytes) }
    }
    default:
      return { length: text.length, error: `Redis answered something else: ${text.slice(0, 40)}` }
  }
}
