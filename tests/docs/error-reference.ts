import { join } from 'node:path'
import { problem as engine } from '../../frameworks/engine/problems.ts'
import { problem as experiment } from '../../frameworks/experiment/problems.ts'
import { problem as model } from '../../frameworks/model/problems.ts'
import { R_CODES } from '../../platform/dynos/r-codes.ts'
import { H_CODES } from '../../platform/router/h-codes.ts'
import { problem as platform } from '../../platform/store/problems.ts'
import { problem as postgres } from '../../postgres/problems.ts'

/** `docs/errors.md`: every code that a user can meet, from the tables that the code itself uses. */
export const FILE = join(import.meta.dirname, '../../docs/errors.md')

/** One line: the code, what goes with it, what happened, and what to do. */
export type Entry = Readonly<{ code: string; facts: string[]; meaning: string; remedy: string }>

export type Chapter = Readonly<{
  title: string
  introduction: string
  facts: readonly string[]
  entries: readonly Entry[]
}>

export const CHAPTERS: readonly Chapter[] = [
  {
    title: 'Router',
    introduction:
      'In the log line of a request (`code=H12`) and on the page that the client sees. Heroku has the same codes. Table: `platform/router/h-codes.ts`.',
    facts: ['name', 'status'],
    entries: Object.entries(H_CODES).map(([code, { desc, status, meaning, remedy }]) => ({
      code,
      facts: [desc, String(status)],
      meaning,
      remedy,
    })),
  },
  {
    title: 'Dynos',
    introduction:
      'In the log of the app (`heroku[web.1]: Error R10 (Boot timeout)`). Table: `platform/dynos/r-codes.ts`.',
    facts: ['name'],
    entries: Object.entries(R_CODES).map(([code, { desc, ...rest }]) => ({
      code,
      facts: [desc],
      ...rest,
    })),
  },
  problems('Platform', 'platform/store/problems.ts', platform.catalogue),
  problems('PostgreSQL', 'postgres/problems.ts', postgres.catalogue),
  problems('Engines', 'frameworks/engine/problems.ts', engine.catalogue),
  problems('Experiments', 'frameworks/experiment/problems.ts', experiment.catalogue),
  problems('Models', 'frameworks/model/problems.ts', model.catalogue),
]

export const errorReference = (): string => [INTRODUCTION, ...CHAPTERS.map(chapter)].join('\n')

const INTRODUCTION = `# Errors

A message says what failed, and its hint what to do. This page lists the codes behind the messages: what each means in general, and where to begin. \`npm run docs:reference\` writes it from the tables in the code.

Over HTTP a failure has the status in the table. The Platform API answers \`{"id", "message"}\`, as Heroku does; models answer \`{"error", "code"}\`. Object storage answers with S3's own codes.
`

function problems(
  title: string,
  file: string,
  catalogue: Readonly<
    Record<string, { id: string; status: number; meaning?: string; remedy?: string }>
  >,
): Chapter {
  return {
    title,
    introduction: `Table: \`${file}\`.`,
    facts: ['id', 'status'],
    entries: Object.entries(catalogue).map(([code, { id, status, meaning, remedy }]) => ({
      code,
      facts: [`\`${id}\``, String(status)],
      meaning: meaning ?? '',
      remedy: remedy ?? '',
    })),
  }
}

function chapter({ title, introduction, facts, entries }: Chapter): string {
  const head = ['code', ...facts, 'what it means', 'what to do']
  const rows = entries.map(({ code, facts: values, meaning, remedy }) => [
    `\`${code}\``,
    ...values,
    meaning,
    remedy,
  ])
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return `## ${title}\n\n${introduction}\n\n${lines.join('\n')}\n`
}
