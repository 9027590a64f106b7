import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Command, Program } from '@hokku/kit/command-line'
import { OPTIONS } from '../../frameworks/engine/commands/options.ts'
import { pio } from '../../frameworks/engine/commands/program.ts'
import { psiturk } from '../../frameworks/experiment/cli/program.ts'
import { modelServer } from '../../frameworks/model/commands/program.ts'
import { hokku } from '../../platform/cli/program.ts'
import { commandReference, FILE } from './command-reference.ts'

test('docs/commands.md is what the programs print: npm run docs:commands', async () => {
  assert.equal(readFileSync(FILE, 'utf8'), await commandReference())
})

test('every summary, option and argument is explained in a sentence', async () => {
  const sentences = [
    ...(await sentencesOf(hokku)),
    ...(await sentencesOf(pio)),
    ...(await sentencesOf(psiturk)),
    ...(await sentencesOf(modelServer)),
  ]

  // The ids of Mechanical Turk and the words of a choice may begin a sentence in lower case.
  assert.deepEqual(
    sentences.filter(({ text }) => !/^(?:[A-Z]|sandbox|--)[^]*\.$/.test(text)),
    [],
  )
  assert.ok(sentences.length > 150)
})

test('options of pio mean the same before a command as behind it', async () => {
  const kinds: Readonly<Record<string, { type: string }>> = OPTIONS
  for (const [name, command] of await commandsOf(pio)) {
    for (const [option, { type }] of Object.entries(command.options)) {
      const isText = (kind: string | undefined): boolean => kind !== 'boolean'
      assert.ok(Object.hasOwn(kinds, option), `${name} --${option} is missing in OPTIONS`)
      assert.equal(isText(kinds[option]?.type), isText(type), `${name} --${option}`)
    }
  }
})

const commandsOf = <Context>({ groups }: Program<Context>): Promise<[string, Command<Context>][]> =>
  Promise.all(
    Object.values(groups)
      .flatMap((commands) => Object.entries(commands))
      .filter(([name]) => name !== 'completion')
      .map(async ([name, load]) => [name, (await load()).command] as [string, Command<Context>]),
  )

async function sentencesOf<Context>(program: Program<Context>) {
  return (await commandsOf(program)).flatMap(([name, command]) =>
    [
      command.summary,
      ...Object.values(command.options).map(({ description }) => description),
      ...Object.values(command.arguments).map(({ description }) => description),
    ].map((text) => ({ name: `${program.name} ${name}`, text })),
  )
}
