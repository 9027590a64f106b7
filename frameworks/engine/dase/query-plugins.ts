/** One answered query, as plugins see it. */
export type Answered = Readonly<{ engineInstanceId: string; query: unknown; prediction: unknown }>

/**
 * Something that watches predictions, switched on by `plugins.<name>.enabled` in `engine.json`. A
 * blocker may replace the prediction, each the one of the blocker before; a sniffer only looks.
 */
export type QueryServerPlugin = Readonly<{
  kind: 'outputblocker' | 'outputsniffer'
  name: string
  description: string
  /** A blocker gives the new prediction; what a sniffer gives is ignored. */
  process: (answered: Answered, params: Readonly<Record<string, unknown>>) => unknown
  /** Answers `GET /plugins/<kind>/<name>/<args…>`. */
  handleRest?: (args: readonly string[]) => unknown
}>
