import { Transform } from 'node:stream'
import { problem } from '../store/index.ts'

/** Passes bytes on, up to a limit. @throws Problem `slug_too_large` in the stream */
export function limitBytes(max: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes <= max) done(null, chunk)
      else done(problem('slug_too_large', `The upload is larger than ${max / 1024 ** 2} MB.`))
    },
  })
}
