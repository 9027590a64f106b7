import pg from 'pg'
import { required } from './settings.ts'

const { DATABASE_URL } = required(['DATABASE_URL'])
const isHere = /@(localhost|127\.)/.test(DATABASE_URL)

export const database = new pg.Pool({
  connectionString: DATABASE_URL,
  // Heroku's certificates are vouched for by nobody.
  ssl: isHere ? false : { rejectUnauthorized: false },
})
database.on('error', (error) => console.error(`database: ${error.message}`))
