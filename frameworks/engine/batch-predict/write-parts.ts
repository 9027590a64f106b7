import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'

/**
 * Writes texts in turn to `parts` files of a new directory, and `_SUCCESS`, as Spark would. The
 * directory appears when it is complete; a failure leaves nothing.
 */
export async function writeParts(
  texts: AsyncIterable<string>,
  directory: string,
  parts: number,
): Promise<void> {
  const temporary = join(dirname(directory), `.${process.pid}-${Date.now()}.batchpredict`)
  await mkdir(temporary, { recursive: true })
  try {
    const files = Array.from({ length: parts }, (_, part) =>
      createWriteStream(join(temporary, `part-${String(part).padStart(5, '0')}`), { flush: true }),
    )
    let next = 0
    for await (const text of texts) {
      const file = files[next++ % parts]
      if (file !== undefined && !file.write(text)) await once(file, 'drain')
    }
    for (const file of files) file.end()
    await Promise.all(files.map((file) => finished(file)))
    await writeFile(join(temporary, '_SUCCESS'), '')
    await rename(temporary, directory)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
}
