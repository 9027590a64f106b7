/**
 * Collects requests that arrive while earlier ones are being written and writes them together: one
 * commit, one wait for the disk, for many participants. Each caller gets its own answer, after the
 * commit.
 *
 * @param keyOf two requests with the same key never share a batch and keep their order
 * @param write writes one batch; answers in the order of the requests; a throw fails them all
 */
export function createBatches<Request, Answer>(
  options: BatchOptions<Request>,
  write: (requests: readonly Request[]) => Promise<readonly Answer[]>,
): Batches<Request, Answer> {
  let waiting: Waiting<Request, Answer>[] = []
  let running: Promise<void> | undefined

  const run = async (): Promise<void> => {
    // Lets requests of the same tick of the event loop in.
    await new Promise<void>((resolve) => void setImmediate(resolve))
    while (waiting.length > 0) {
      const { batch, rest } = takeBatch(waiting, options)
      waiting = rest
      // oxlint-disable-next-line no-await-in-loop -- batches are written one after the other
      await settle(batch, write)
    }
    running = undefined
  }

  return {
    add: (request) =>
      new Promise<Answer>((resolve, reject) => {
        if (waiting.length >= options.waitingMax) {
          reject(new Error(`more than ${options.waitingMax} requests wait for the database`))
          return
        }
        waiting.push({ request, resolve, reject })
        running ??= run()
      }),
    idle: async () => {
      await running
    },
  }
}

export type BatchOptions<Request> = Readonly<{
  /** Most requests in one batch. */
  batchMax: number
  /** Most requests that wait; further ones are refused. */
  waitingMax: number
  keyOf: (request: Request) => string
  /** Size of a request, where requests may be large, and the most a batch may have together. */
  weightOf?: (request: Request) => number
  weightMax?: number
}>

export type Batches<Request, Answer> = Readonly<{
  add: (request: Request) => Promise<Answer>
  /** Resolves when everything added so far is answered. */
  idle: () => Promise<void>
}>

type Waiting<Request, Answer> = Readonly<{
  request: Request
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}>

function takeBatch<Request, Answer>(
  waiting: readonly Waiting<Request, Answer>[],
  options: BatchOptions<Request>,
) {
  const keys = new Set<string>()
  let room = options.weightMax ?? Infinity
  const batch: Waiting<Request, Answer>[] = []
  const rest: Waiting<Request, Answer>[] = []
  for (const item of waiting) {
    const key = options.keyOf(item.request)
    const weight = options.weightOf?.(item.request) ?? 0
    const isRoomy = batch.length === 0 || (batch.length < options.batchMax && weight <= room)
    if (isRoomy && !keys.has(key)) {
      batch.push(item)
      room -= weight
    } else rest.push(item)
    keys.add(key)
  }
  return { batch, rest }
}

async function settle<Request, Answer>(
  batch: readonly Waiting<Request, Answer>[],
  write: (requests: readonly Request[]) => Promise<readonly Answer[]>,
): Promise<void> {
  try {
    const answers = await write(batch.map((item) => item.request))
    for (const [i, item] of batch.entries()) item.resolve(answers[i] as Answer)
  } catch (error) {
    // One request that the database refuses must not fail its neighbours: each gets its own try.
    if (batch.length > 1 && isDataFault(error))
      for (const item of batch) await settle([item], write)
    else for (const item of batch) item.reject(error)
  }
}

/** SQLSTATE classes 22 (data), 23 (constraint), 54 (limit): the values are at fault, not the server. */
const isDataFault = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^(22|23|54)...$/.test(error.code)
