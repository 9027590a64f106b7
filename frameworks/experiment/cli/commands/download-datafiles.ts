import { createProgress } from '@hokku/kit/command-line'
import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DATA_FILES, rowsOf } from '../../data/data-files.ts'
import { exportParticipants } from '../../data/export.ts'
import { openStudyDatabase } from '../../store/open-database.ts'
import { countParticipants } from '../../store/participants.ts'
import { psiturkCommand } from '../host.ts'
import type { Session } from '../session.ts'

export const command = psiturkCommand({
  summary: 'Writes trialdata.csv, questiondata.csv and eventdata.csv to the folder of the study.',
  run: downloadDatafiles,
})

export async function downloadDatafiles(session: Session): Promise<number> {
  const { pool, tables, notices } = await openStudyDatabase(session.study, { connections: 2 })
  for (const notice of notices) session.print(`Notice: ${notice}`)
  const temporary = DATA_FILES.map((name) => ({
    name,
    path: join(session.study.directory, `.${name}.${randomUUID()}.tmp`),
  }))
  try {
    const files = await Promise.all(
      temporary.map(async ({ name, path }) => ({ name, file: await open(path, 'wx', 0o644) })),
    )
    try {
      const progress = createProgress('Downloading', await countParticipants(pool, tables))
      let done = 0
      for await (const participant of exportParticipants(pool, tables)) {
        const rows = rowsOf(participant)
        const complaints = DATA_FILES.map((name) => rows[name].complaint)
        for (const text of new Set(complaints)) if (text !== undefined) session.print(text)
        await Promise.all(files.map(({ name, file }) => file.appendFile(rows[name].text)))
        progress.update((done += 1))
      }
      progress.finish()
      await Promise.all(files.map(({ file }) => file.sync()))
    } finally {
      await Promise.all(files.map(({ file }) => file.close()))
    }
    // Only whole files take the place of older ones.
    await Promise.all(
      temporary.map(({ name, path }) => rename(path, join(session.study.directory, name))),
    )
    return 0
  } finally {
    await Promise.all(temporary.map(({ path }) => rm(path, { force: true })))
    await pool.end()
  }
}
