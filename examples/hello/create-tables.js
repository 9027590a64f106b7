import { pool } from './database.js'

if (process.env.DATABASE_URL === undefined) {
  console.log('No database yet. Add one: heroku addons:create heroku-postgresql')
} else {
  await pool.query('create table if not exists visits (at timestamptz not null default now())')
  console.log('Tables are there.')
}
await pool.end()
