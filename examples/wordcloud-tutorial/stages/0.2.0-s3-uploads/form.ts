import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy'

export type Form = Readonly<{ name: string; filename: string; bytes: Buffer }>

/** What the user did, and the status for it. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Reads `document-name` and `input-file` into memory, which a later tutorial would not do. */
export async function readForm(request: IncomingMessage): Promise<Form> {
  const parser = parserOf(request)
  let name: string | undefined
  let filename: string | undefined
  const chunks: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    parser.on('field', (field, value) => {
      if (field === 'document-name') name = value
    })
    parser.on('file', (field, file, fileName) => {
      if (field !== 'input-file') return void file.resume()
      filename = fileName ?? ''
      file.on('data', (chunk: Buffer) => chunks.push(chunk))
      file.on('limit', () => reject(new Refusal(413, `A file may have ${FILE_BYTES_MAX} bytes at most.`)))
    })
    parser.on('finish', resolve)
    parser.on('error', () => reject(new Refusal(400, 'The form ends too soon.')))
    request.on('close', () => reject(new Refusal(400, 'The browser went away before the end.')))
    request.pipe(parser)
  })
  if (name === undefined) throw new Refusal(400, 'The form needs document-name.')
  if (filename === undefined) throw new Refusal(400, 'The form needs input-file.')
  return { name: name.replaceAll('\0', ''), filename, bytes: Buffer.concat(chunks) }
}

const FILE_BYTES_MAX = 50 * 1024 * 1024

function parserOf({ headers }: IncomingMessage): BusboyInstance {
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      limits: { fields: 10, fieldSize: 20_000, files: 1, fileSize: FILE_BYTES_MAX },
    })
  } catch {
    throw new Refusal(415, 'Send the form as multipart/form-data.')
  }
}
