import { createHash } from 'node:crypto'

/**
 * The address of a document by its name, as the tutorial made it: runs of these characters separate
 * pieces, accents are taken off, then all that is not printable ASCII is dropped. May be empty.
 */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .split(/[\t !"#$%&'()*\-/<=>?@[\\\]^_`{|},.]+/)
    .map((piece) => piece.normalize('NFKD').replaceAll(/[^\u0020-\u007e]/g, ''))
    .filter((piece) => piece !== '')
    .join('-')

/**
 * A slug that is never empty nor endless: the same for the same name, so that it stays one document
 * with versions. A name of nothing gets `id`.
 */
export function addressOf(name: string, id: string): string {
  const slug = slugOf(name)
  if (slug === '') return name.trim() === '' ? shortId(id) : shortId(name)
  return slug.length <= SLUG_LENGTH_MAX ? slug : `${slug.slice(0, SLUG_LENGTH_MAX)}-${shortId(name)}`
}

const shortId = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, SHORT_ID_LENGTH)

/** Longer ones make addresses that no one can send. */
const SLUG_LENGTH_MAX = 100
const SHORT_ID_LENGTH = 10
