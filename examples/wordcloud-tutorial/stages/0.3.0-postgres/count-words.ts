import { countStream, NotText } from './counting/count-stream.ts'
import { rulesOf } from './counting/words.ts'

/** The hundred most frequent words as JSON `{word: count}`; none for what is no text. */
export async function countWords(body: AsyncIterable<Uint8Array>): Promise<string> {
  try {
    const { top } = await countStream(body, rulesOf('classic'), WORDS_KEPT)
    return `{${top.map(([word, count]) => `${JSON.stringify(word)}: ${count}`).join(', ')}}`
  } catch (error) {
    if (error instanceof NotText) return '{}'
    throw error
  }
}

const WORDS_KEPT = 100
