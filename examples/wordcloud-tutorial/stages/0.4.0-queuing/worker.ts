import { setTimeout as sleep } from 'node:timers/promises'
import { countWords } from './count-words.ts'
import { database } from './database.ts'
import { consume, type Job } from './queue.ts'
import { fetchStored } from './store.ts'

async function count({ document_slug: slug, time_uploaded: time, s3_key: key }: Job): Promise<void> {
  console.log(`counting ${slug}`)
  const counts = await countWords(await fetchStored(key))
  await database.query(
    'update file_upload_meta set word_counts = $1 where document_slug = $2 and time_uploaded = $3',
    [counts, slug, time],
  )
  console.log(`counted ${slug}`)
}

for (;;) {
  await consume(count).catch((error: unknown) => console.error(`broker: ${String(error)}`))
  await sleep(1000)
}
