import { configOrExit } from './config.ts'
import { openDatabase } from './database.ts'
import { createTables } from './tables.ts'

const { databaseUrl, dataFolder } = configOrExit(process.env)
if (databaseUrl === undefined) {
  console.log('No database yet. Add one: heroku addons:create heroku-postgresql')
} else {
  const database = await openDatabase(databaseUrl, dataFolder)
  await createTables(database)
  await database.close()
  console.log('Tables are there.')
}
