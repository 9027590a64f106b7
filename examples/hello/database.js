import pg from 'pg'

/** `sslmode=require` as on Heroku: encrypted, the certificate is not checked. */
export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  ssl: { rejectUnauthorized: false },
})
