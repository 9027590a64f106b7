import { stat } from 'node:fs/promises'
import { createProgress } from '@hokku/kit/command-line'
import { Problem } from '@hokku/kit/problem'
import { checkObservation } from '../bundle/check-observation.ts'
import { columnFacts } from '../bundle/column-facts.ts'
import { loadFolder } from '../bundle/load-folder.ts'
import { scoreEach, type Model, type Outcome } from '../bundle/model.ts'
import { readObservations, type Numbered } from '../bundle/read-observations.ts'
import { problem } from '../problems.ts'
import { parse, type Command } from './command.ts'

/** `model-server score DIR FILE`: a JSON line a row, in the order of the file. */
export const score: Command = async (args, { write, signal }) => {
  const { values, positionals } = parse({
    args,
    allowPositionals: true,
    options: { strict: { type: 'boolean' } },
  })
  const [directory, file] = positionals
  if (directory === undefined || file === undefined) {
    throw problem('usage_invalid', 'score needs a model folder and a file of observations.', {
      hint: 'model-server score DIR FILE',
    })
  }
  const { model } = await loadFolder(directory)
  const answer =
    values.strict === true ? strictly(model) : (rows: Numbered[]) => leniently(model, rows)
  const bytes = (await stat(file).catch(() => undefined))?.size
  const progress = createProgress('Scoring', bytes)
  for await (const { rows, bytesRead } of readObservations(file, columnFacts(model), signal)) {
    const outcomes = answer(rows)
    write(rows.map(({ id }, i) => `${lineOf(id, outcomes[i]!)}\n`).join(''))
    progress.update(bytesRead)
  }
  progress.finish()
  return 0
}

const leniently = (model: Model, rows: readonly Numbered[]): Outcome[] =>
  scoreEach(
    model,
    rows.map(({ observation }) => observation),
  )

/** Rows that break the schema are refused before the model sees them. */
function strictly(model: Model): (rows: Numbered[]) => Outcome[] {
  const facts = columnFacts(model)
  return (rows) => {
    const refused = rows.map(({ observation }) => checkObservation(observation, facts))
    const passed = leniently(
      model,
      rows.filter((_, i) => refused[i] === undefined),
    )
    return refused.map((failure) => failure ?? passed.shift()!)
  }
}

function lineOf(id: unknown, outcome: Outcome): string {
  if (outcome instanceof Problem) {
    return stringify({ id, error: { type: outcome.code, message: outcome.message } })
  }
  const { proba, predict } = outcome
  return stringify(proba === undefined ? { id, predict } : { id, predict_proba: proba, predict })
}

/** Ids beyond 2^53 keep their digits. */
const stringify = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? (JSON as unknown as RawJson).rawJSON(String(item)) : item,
  )

type RawJson = { rawJSON: (text: string) => unknown }
