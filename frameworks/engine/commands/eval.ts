import { writeDurably } from '@hokku/kit/disk'
import { html } from '@hokku/kit/html'
import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { EngineModule, ParamsList } from '../dase/engine-module.ts'
import { evaluateEngine, type EvaluationOutcome } from '../dase/evaluate-engine.ts'
import type { AnyEvaluation } from '../dase/evaluation.ts'
import {
  bestCandidate,
  bestVariant,
  oneLiner,
  reportJson,
  reportText,
  shownParams,
  shownScores,
} from '../dase/evaluation-report.ts'
import { recordedEnv } from '../dase/instance.ts'
import { findNamed, requireEvaluation, resolveEngine } from '../dase/resolve-engine.ts'
import type { EngineParams } from '../dase/variant.ts'
import type { EvaluationInstance } from '../metadata/metadata-store.ts'
import { problem } from '../problems.ts'
import { parseSparkDefaults, readConfFile } from '../conf-files.ts'
import { templates } from '../templates/catalogue.ts'
import { page } from '../dashboard/page.ts'
import { type Context, type PioCall, pioCommand } from './command.ts'
import { noticeIgnored } from './ignored-options.ts'
import { optionsOf } from './options.ts'
import { engineDirectory, type Project, readProject, trainingContext } from './project.ts'
import { readSparkOptions } from './spark-options.ts'
import { runInChild } from './supervise.ts'

const EVAL_OPTIONS = optionsOf('batch', 'json-extractor')
const EVAL_ARGUMENTS = {
  evaluation: { type: 'string', description: 'Name of an evaluation of the engine.' },
  params: {
    type: 'string',
    placeholder: 'params list',
    isOptional: true,
    description: "Name of a list of engine parameters of the engine's own code.",
    defaultText: 'the list of the evaluation',
  },
} as const

type EvalCall = PioCall<typeof EVAL_OPTIONS, typeof EVAL_ARGUMENTS>

export const command = pioCommand({
  worksWithEngine: true,
  summary: 'Compares engine parameters by cross-validation and writes the best to best.json.',
  arguments: EVAL_ARGUMENTS,
  options: EVAL_OPTIONS,
  afterDashes: 'Options for Spark. --driver-memory <size> limits the memory, e.g. to 4g.',
  run: async (call, context) => {
    if (context.env[CHILD_VARIABLE] !== undefined) return evaluate(call, context)
    noticeIgnored(call, context)
    const spark = readSparkOptions(
      call.afterDashes,
      'training',
      parseSparkDefaults(await readConfFile(context.env, 'spark-defaults.conf')),
    )
    spark.notices.forEach((notice) => context.log.warn('Runner$', notice))
    const ending = await runInChild(['eval', ...call.words], spark.memoryMb, CHILD, context)
    if (ending.reason !== undefined) context.log.error('CoreWorkflow$', ending.reason)
    return ending.exitCode
  },
})

const CHILD_VARIABLE = 'PIO_EVALUATION_CHILD'
const CHILD = { [CHILD_VARIABLE]: '1' }

async function evaluate(call: EvalCall, context: Context): Promise<number> {
  const { evaluation: className, params: listName } = call.arguments
  const say = (line: string): void => context.log.info('CoreWorkflow$', line)
  const project = await projectIfAny(call, context)
  const directory = engineDirectory(call, context)
  const module = await resolveEngine(directory, className, templates, project?.hints)
  const evaluation = requireEvaluation(module, className)
  const list = candidatesOf(module, evaluation, className, listName, project)
  const metadata = await context.storage().metadata()
  const started = newEvaluation(className, listName ?? className, call, context)
  say('runEvaluation started')
  say(`Starting evaluation instance ID: ${started.id}`)
  await metadata.saveEvaluation(started)
  const outcome = await evaluateEngine(evaluation, list, {
    // An evaluation needs no engine.json: then only the directory is known of the project.
    context: trainingContext({ directory: engineDirectory(call, context) }, context),
    log: context.log,
    onCandidate: (candidate, at) => {
      const tell = (line: string): void => context.log.info('MetricEvaluator', line)
      tell(`Iteration ${at}`)
      tell(`EngineParams: ${JSON.stringify(shownParams(candidate.params))}`)
      tell(`Result: ${shownScores(candidate)}`)
    },
  })
  await writeBest(evaluation, outcome, className, started.startTime, context)
  const text = reportText(evaluation, outcome)
  say(`Updating evaluation instance with result: ${text}`)
  await metadata.saveEvaluation({
    ...started,
    status: 'EVALCOMPLETED',
    endTime: new Date(),
    evaluatorResults: oneLiner(outcome),
    evaluatorResultsHtml: page('Evaluation', [html`<h1>${className}</h1><pre>${text}</pre>`]).text,
    evaluatorResultsJson: reportJson(evaluation, outcome),
  })
  say('runEvaluation completed')
  return 0
}

/** An evaluation needs no engine.json; one that is there must be right. */
async function projectIfAny(call: EvalCall, context: Context): Promise<Project | undefined> {
  const isNamed = call.options.variant !== undefined
  const exists = await access(join(engineDirectory(call, context), 'engine.json')).then(
    () => true,
    () => false,
  )
  return isNamed || exists ? readProject(call, context) : undefined
}

/** @throws Problem `evaluation_failed` */
function candidatesOf(
  module: EngineModule,
  evaluation: AnyEvaluation,
  className: string,
  listName: string | undefined,
  project: Project | undefined,
): readonly EngineParams[] {
  if (listName === undefined) {
    if (evaluation.engineParams !== undefined) return evaluation.engineParams
    throw problem('evaluation_failed', `${className} has no engine params in its code.`, {
      hint: `Name a list after it: ${Object.keys(module.paramsLists).join(', ') || 'there is none'}`,
    })
  }
  const list: ParamsList | undefined =
    findNamed(module.paramsLists, listName) ?? findNamed(module.evaluations, listName)?.engineParams
  if (list === undefined) {
    throw problem('evaluation_failed', `${module.name} has no engine params called ${listName}.`, {
      hint: `It has: ${Object.keys(module.paramsLists).join(', ') || 'none'}`,
    })
  }
  if (typeof list !== 'function') return list
  const params = project?.variant.params.dataSource.params
  return list((params ?? {}) as Readonly<Record<string, unknown>>)
}

function newEvaluation(
  evaluationClass: string,
  engineParamsGeneratorClass: string,
  call: EvalCall,
  { env }: Context,
): EvaluationInstance {
  const now = new Date()
  return {
    id: randomUUID(),
    status: '',
    startTime: now,
    endTime: now,
    evaluationClass,
    engineParamsGeneratorClass,
    batch: call.options.batch ?? '',
    env: recordedEnv(env),
    evaluatorResults: '',
    evaluatorResultsHtml: '',
    evaluatorResultsJson: '',
  }
}

async function writeBest(
  evaluation: AnyEvaluation,
  outcome: EvaluationOutcome,
  className: string,
  startedAt: Date,
  context: Context,
): Promise<void> {
  const { outputPath } = evaluation
  if (outputPath === undefined) return
  context.log.info('MetricEvaluator', `Writing best variant params to disk (${outputPath})...`)
  const name = className.endsWith('$') ? className : `${className}$`
  const variant = bestVariant(name, bestCandidate(outcome), startedAt)
  await writeDurably(resolve(context.cwd, outputPath), variant, 0o644)
}
