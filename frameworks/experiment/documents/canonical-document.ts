import { problem } from '../problems.ts'
import { rewriteJson } from './json-rewriter.ts'

/** Where a key of the document stands: the key with quotes, its value from byte start to byte end. */
export type Member = Readonly<{ key: string; start: number; end: number }>

/** ASCII, so that a byte is a character. */
export type CanonicalDocument = Readonly<{ bytes: Buffer; members: readonly Member[] }>

/**
 * The text under which a participant's document is stored: what `json.dumps(json.loads(body))`
 * gives in Python, and where its members stand.
 *
 * @throws Problem `body_invalid` if the body is not a JSON object, or nested too deeply
 */
export function canonicalDocument(body: string): CanonicalDocument {
  if (!isObject(body)) throw problem('body_invalid', 'The body must be a JSON object.')
  return rewriteJson(body, 'stored')
}

/** Whether JSON text is an object, by its first character. */
export const isObject = (text: string): boolean => /^[ \t\r\n]*\{/.test(text)

export const documentText = ({ bytes }: CanonicalDocument): string => bytes.toString('latin1')
