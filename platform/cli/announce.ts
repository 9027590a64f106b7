import { homeAt } from '../store/index.ts'
import { printFailure } from './failure.ts'
import { greet } from './greeting.ts'
import { waitUntilUp } from './supervisor/readiness.ts'

/**
 * Waits for the platform of a home and greets: `node announce.ts <home>`. Apart from the supervisor,
 * which waits for months and should not carry an HTTP client.
 */
const home = homeAt(process.argv[2] ?? '')
await waitUntilUp(home, () => false)
  .then(async () => await greet(home))
  .catch(printFailure)
