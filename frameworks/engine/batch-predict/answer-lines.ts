import { reasonOf } from '@hokku/kit/problem'
import { stringifyExactly } from '@hokku/kit/exact-json'
import { parseLenientJson } from '../events/lenient-json.ts'
import { problem } from '../problems.ts'
import { type Deployment, predict, readQueryFor } from '../query-server/deployment.ts'

/** A line of a file of queries; numbers count from 1. */
export type Line = Readonly<{ number: number; text: string }>

/**
 * The answers to some queries, one line of JSON each, in their order.
 *
 * @throws Problem `query_invalid` that names the line
 */
export async function answerLines(deployment: Deployment, lines: readonly Line[]): Promise<string> {
  // At once: engines that read the store then wait together.
  return (await Promise.all(lines.map((line) => answerLine(deployment, line)))).join('')
}

async function answerLine(deployment: Deployment, { number, text }: Line): Promise<string> {
  try {
    const query = readQueryFor(deployment, parseLenientJson(text))
    const prediction = (await predict(deployment, query)) ?? null
    return `${stringifyExactly({ query, prediction })}\n`
  } catch (error) {
    const reason = reasonOf(error)
    throw problem('query_invalid', `Line ${number} could not be answered: ${reason}`, {
      hint: 'Nothing was written.',
      cause: error,
    })
  }
}
