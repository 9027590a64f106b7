import type { Pool } from 'pg'
import type { ModelStore } from '../model-store.ts'

/** Models as rows of `pio_models`. The pool belongs to the store. */
export function createPostgresModels(pool: Pool): ModelStore {
  return {
    save: (id, model) => saveParts(pool, id, model),
    load: async (id) => {
      const parts: Buffer[] = []
      for (;;) {
        const part = await loadPart(pool, id, parts.length)
        if (part === undefined) break
        parts.push(part)
      }
      return parts.length === 0 ? undefined : Buffer.concat(parts)
    },
    delete: async (id) => {
      await pool.query('delete from pio_models where id = $1', [id])
    },
    close: () => pool.end(),
  }
}

/** Bytes of one row: small enough to travel as one message, large enough to be few. */
const PART_BYTES = 8 * 1024 * 1024

async function saveParts(pool: Pool, id: string, model: Uint8Array): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('delete from pio_models where id = $1', [id])
    for (let part = 0; part * PART_BYTES < model.length; part++) {
      const data = model.subarray(part * PART_BYTES, (part + 1) * PART_BYTES)
      const values = [id, part, Buffer.from(data.buffer, data.byteOffset, data.length)]
      await client.query('insert into pio_models (id, part, data) values ($1, $2, $3)', values)
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

async function loadPart(pool: Pool, id: string, part: number): Promise<Buffer | undefined> {
  const sql = 'select data from pio_models where id = $1 and part = $2'
  return (await pool.query<{ data: Buffer }>(sql, [id, part])).rows[0]?.data
}
