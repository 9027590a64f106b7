import { isRecord } from './record.ts'

/** A part of the path, such as `app` of `/apps/:app`. @throws Error if the route has none of this name */
export function pathParam({ params }: Readonly<{ params: unknown }>, name: string): string {
  const value = isRecord(params) ? params[name] : undefined
  if (typeof value === 'string') return value
  throw new Error(`the route has no parameter ${name}`)
}

/** A parameter of the query that was sent once; undefined if it is missing, or a list. */
export function queryParam(
  { query }: Readonly<{ query: unknown }>,
  name: string,
): string | undefined {
  const value = isRecord(query) ? query[name] : undefined
  return typeof value === 'string' ? value : undefined
}
