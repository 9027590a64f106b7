import { stat } from 'node:fs/promises'
import { createProgress, defineCommand } from '@hokku/kit/command-line'
import { Problem } from '@hokku/kit/problem'
import { checkObservation } from '../bundle/check-observation.ts'
import { columnFacts } from '../bundle/column-facts.ts'
import { loadFolder } from '../bundle/load-folder.ts'
import { scoreEach, type Model, type Outcome } from '../bundle/model.ts'
import { readObservations, type Numbered } from '../bundle/read-observations.ts'
import type { Context } from './command.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

export const command = defineCommand({
  summary: 'Predicts every row of a CSV, JSON or JSON Lines file, one line of JSON per row.',
  details: 'The lines have the order of the file; a row that is refused has its error in its line.',
  examples: ['model-server score . passengers.csv > predictions.jsonl'],
  arguments: {
    folder: { type: 'string', description: 'Folder with the model.' },
    file: { type: 'file', description: 'The rows: a .csv, .json, .jsonl or .ndjson file.' },
  },
  options: {
    strict: {
      type: 'boolean',
      description: 'Refuses rows whose values do not have the types of the training data.',
    },
  },
  run: (call, context: Context) =>
    score(call.arguments.folder, call.arguments.file, call.options.strict, context),
})

async function score(
  directory: string,
  file: string,
  isStrict: boolean,
  { write, signal }: Context,
): Promise<number> {
  const { model } = await loadFolder(directory)
  const answer = isStrict ? strictly(model) : (rows: Numbered[]) => leniently(model, rows)
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
    return stringifyExactly({ id, error: { type: outcome.code, message: outcome.message } })
  }
  const { proba, predict } = outcome
  return stringifyExactly(
    proba === undefined ? { id, predict } : { id, predict_proba: proba, predict },
  )
}
